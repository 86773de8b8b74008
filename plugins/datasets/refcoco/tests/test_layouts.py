"""Each layout: a row for each expression, boxes in pixels, sizes by the pictures' headers."""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from aisbench.api import DataError, Sample, open_dataset
from aisbench_testkit.answered import run_answered

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
REAL = SHARED / "data2" / "mm" / "refcoco"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int) -> bytes:
    rows = b"".join(b"\0" + b"\x40\x80\xc0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


PICTURE = _png(32, 24)


def _samples(folder: Path, name: str = "refcoco", **settings: Any) -> list[Sample]:
    return list(open_dataset(name, {"path": str(folder), **settings}).samples())


def _told(samples: list[Sample]) -> list[Any]:
    names = ("question", "width", "height")
    return [[one.id, one.target, *(one.fields[name] for name in names)] for one in samples]


def _parquet(file: Path, **changes: Any) -> None:
    row = {
        "question_id": "9",
        "image": {"bytes": PICTURE, "path": None},
        "answer": ["red square", "left thing"],
        "bbox": [2.0, 3.0, 10.0, 12.0],
        **changes,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), file)


def test_lmms_lab(tmp_path: Path) -> None:
    for shard in range(2):
        _parquet(tmp_path / "data" / f"testA-0000{shard}-of-00002.parquet")
    box = [2.0, 3.0, 12.0, 15.0]
    assert _told(_samples(tmp_path, split="testA")) == [
        ["testA-0-0-0", box, "red square", 32, 24],
        ["testA-0-0-1", box, "left thing", 32, 24],
        ["testA-1-0-0", box, "red square", 32, 24],
        ["testA-1-0-1", box, "left thing", 32, 24],
    ]


def test_vlmevalkit_holds_all_sets_in_one_table() -> None:
    folder = Path(__file__).parent / "data"
    assert [one.fields["question"] for one in _samples(folder)] == ["red square", "left thing"]
    assert [one.id for one in _samples(folder, split="testA")] == ["testA-2"]
    assert [one.id for one in _samples(folder, "refcoco-plus")] == ["val-3"]
    assert [one.id for one in _samples(folder, "refcocog")] == ["val-4"]
    # A row that shows another one's picture has its size.
    assert {one.fields["width"] for one in _samples(folder)} == {32}


def test_qwen_vl(tmp_path: Path) -> None:
    row = {"image": "data/refcoco/train2014/a.jpg", "sent": "red", "bbox": [1.0, 2.0, 9.0, 8.0]}
    (tmp_path / "refcoco_val.jsonl").write_text(json.dumps(row), encoding="utf-8")
    with pytest.raises(DataError, match=r"there is no file .*a\.jpg"):
        _samples(tmp_path)
    (tmp_path / "train2014").mkdir()
    (tmp_path / "train2014" / "a.jpg").write_bytes(PICTURE)
    assert _told(_samples(tmp_path)) == [["val-0", [1.0, 2.0, 9.0, 8.0], "red", 32, 24]]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"bbox": [1.0, 2.0, 3.0]}, "row 1: bbox is no box of four numbers"),
        ({"answer": [""]}, "row 1: there is no expression"),
        ({"image": {"bytes": b"no picture", "path": None}}, "does not say how large it is"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    _parquet(tmp_path / "data" / "val-00000-of-00001.parquet", **changes)
    with pytest.raises(DataError, match=why):
        _samples(tmp_path)


SECONDARY = pytest.mark.slow


@pytest.mark.parametrize(
    ("variant", "right"),
    [
        ("0-shot-chat", "[62, 125, 375, 625]"),
        pytest.param("lmms-eval-chat", "[0.0625, 0.125, 0.375, 0.625]", marks=SECONDARY),
        pytest.param(
            "aisbench-chat",
            '[{"bbox_2d": [62, 125, 375, 625], "label": "red square"}]',
            marks=SECONDARY,
        ),
    ],
)
def test_a_run(tmp_path: Path, variant: str, right: str) -> None:
    """One expression right, one wrong, in the numbers that the variant asks for."""
    _parquet(tmp_path / "data" / "val-00000-of-00001.parquet")
    said = [right, "[0, 0, 5, 5]"]
    run = run_answered(tmp_path, "refcoco", {"path": str(tmp_path)}, said, variant=variant)
    figures = {one.name: one.value for one in run.scores[0].figures if not one.part}
    assert figures["accuracy"] == 50.0
    assert figures["IoU"] == pytest.approx(50.0, abs=0.5)


@pytest.mark.skipif(not REAL.is_dir(), reason="no official files; set AISBENCH_SHARED")
def test_layouts_of_real_rows_agree() -> None:
    of_lmms = _samples(REAL / "RefCOCO")
    assert len(of_lmms) == 9
    lines = (REAL / "qwen_jsonl" / "refcoco_val.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(one) for one in lines]
    mine = {(one.fields["question"], *one.target) for one in of_lmms}  # type: ignore[misc]
    theirs = {(row["sent"], *row["bbox"]) for row in rows}
    assert {one[0] for one in theirs - mine} == {"the biggest rectangle"}  # of testA there


def test_base64_of_a_table_is_read(tmp_path: Path) -> None:
    text = base64.b64encode(_png(7, 5)).decode()
    head = "index\timage\tquestion\tanswer\tsplit\n"
    line = f"1\t{text}\tit\t[0, 0, 3, 3]\tRefCOCO_val\n"
    (tmp_path / "RefCOCO.tsv").write_text(head + line, encoding="utf-8")
    assert _told(_samples(tmp_path)) == [["val-1", [0.0, 0.0, 3.0, 3.0], "it", 7, 5]]
