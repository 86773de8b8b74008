"""Parquet columns of every type become what JSON has, or are told when they are wanted."""

from __future__ import annotations

import datetime
import decimal
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aisbench.base.errors import DataError
from aisbench.data import fill_places, read_table, unusable, why_unusable
from aisbench.media.contents import content_of
from aisbench.media.values import media_of, media_value
from aisbench.prompting.templates import (
    ChatSettings,
    ChatTemplate,
    TextSettings,
    TextTemplate,
)
from aisbench.types.json import JsonObject
from aisbench.types.media import Media, MediaKind, MediaPlace
from aisbench.types.sample import Sample

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
WAV = b"RIFF\0\0\0\0WAVE" + b"\0" * 8
UTC = datetime.timezone.utc
MOON = datetime.datetime(1969, 7, 20, 20, 17, 40)


def cells(folder: Path, column: Any, *files: str, name: str = "x") -> list[Any]:
    """What is read of a column."""
    file = folder / "q.parquet"
    pq.write_table(pa.table({name: column}), file)
    return [row.cells[name] for row in read_table(file, files=files)]


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (pa.array(["a", None, "ü😀"]), ["a", None, "ü😀"]),
        (pa.array(["a", "b"], pa.large_string()), ["a", "b"]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([1, -5, 2**63 - 1]), [1, -5, 2**63 - 1]),
        (pa.array([2**64 - 1], pa.uint64()), [2**64 - 1]),
        (pa.array([True, None]), [True, None]),
        (pa.array([0.5, float("nan"), float("inf"), None]), [0.5, None, "inf", None]),
        (pa.array([decimal.Decimal("12.50"), None]), ["12.50", None]),
        (pa.array([decimal.Decimal("1E+3"), decimal.Decimal("0.0000001")]),
         ["1000.0000000", "0.0000001"]),
        (pa.array([decimal.Decimal(4)], pa.decimal128(5, 0)), ["4"]),
        (pa.array([datetime.date(2026, 11, 26)]), ["2026-11-26"]),
        (pa.array([datetime.time(7, 30)]), ["07:30:00"]),
        (pa.array([MOON]), ["1969-07-20T20:17:40"]),
        (pa.array([MOON], pa.timestamp("ns")), ["1969-07-20T20:17:40"]),
        (pa.array([1], pa.timestamp("ns")), ["1970-01-01T00:00:00"]),
        (pa.array([MOON.replace(tzinfo=UTC)], pa.timestamp("ms", tz="UTC")),
         ["1969-07-20T20:17:40+00:00"]),
        (pa.array([datetime.timedelta(minutes=1.5)]), [90.0]),
        (pa.array([b"Which sea?", None, "ü".encode()]), ["Which sea?", None, "ü"]),
        (pa.array([["a", "b"], [], None]), [["a", "b"], [], None]),
        (pa.array([{"a": 1, "b": {"c": [decimal.Decimal("0.5")]}}]),
         [{"a": 1, "b": {"c": ["0.5"]}}]),
        (pa.array([[("a", 1), ("b", 2)], []], pa.map_(pa.string(), pa.int64())),
         [{"a": 1, "b": 2}, []]),
        (pa.array([None, None]), [None, None]),
    ],
)  # fmt: skip
def test_what_json_has(tmp_path: Path, column: Any, found: list[Any]) -> None:
    read = cells(tmp_path, column)
    assert read == found
    json.dumps(read, allow_nan=False)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([b"\0\1\2\3"]),
        pa.array([b"\0\1\2\3"], pa.binary(4)),
        pa.array([b"text", PNG]),
        pa.array([{"text": "a", "blob": PNG}]),
    ],
)
def test_what_no_prompt_can_show_does_no_harm(tmp_path: Path, column: Any) -> None:
    for cell in cells(tmp_path, column):
        why = why_unusable(cell)
        assert why is not None
        assert "q.parquet: the column 'x' holds bytes" in why
        json.dumps(cell)
        sample = Sample(id="a", fields={"question": "?", "x": cell})
        assert fill_places("{question}", sample) == "?"
        for template in (
            TextTemplate(TextSettings(question="{x}")),
            ChatTemplate(ChatSettings(user="{question} {x}")),
            ChatTemplate(ChatSettings(user="{question}", images=("{x}",))),
        ):
            with pytest.raises(DataError, match=r"names \{x\}.*q.parquet: the column 'x' holds"):
                template.render(sample, ())


def value(tmp_path: Path, row: int, kind: MediaKind | None = None, **more: int) -> JsonObject:
    return media_value(tmp_path / "q.parquet", MediaPlace(row=row, column="x", **more), kind)


def test_contents_stay_in_the_file(tmp_path: Path) -> None:
    column = pa.array([{"bytes": PNG, "path": "a.png"}, {"bytes": PNG, "path": None},
                       {"bytes": None, "path": "b.png"}, None])  # fmt: skip
    found = cells(tmp_path, column, "x")
    assert found == [value(tmp_path, 0, "image"), value(tmp_path, 1, "image"), "b.png", None]
    assert content_of(media_of(found[1], "image")) == PNG
    (sound,) = cells(tmp_path, pa.array([WAV]), "x")
    assert content_of(media_of(sound, "audio")) == WAV
    assert cells(tmp_path, pa.array(["c.png", None]), "x") == ["c.png", None]
    mixed = [{"bytes": WAV, "path": "a"}, None, {"bytes": PNG}]
    (several,) = cells(tmp_path, pa.array([mixed]), "x")
    assert several == [
        value(tmp_path, 0, "audio", item=0), None, value(tmp_path, 0, "audio", item=2)
    ]  # fmt: skip
    assert content_of(media_of(several[2], "image")) == PNG


def test_contents_count_more_than_what_the_metadata_call_them(tmp_path: Path) -> None:
    table = pa.table({"x": pa.array([None, {"bytes": WAV, "path": None}])})
    hub = {"huggingface": json.dumps({"info": {"features": {"x": {"_type": "Image"}}}})}
    pq.write_table(table.replace_schema_metadata(hub), tmp_path / "q.parquet")
    found = [row.cells["x"] for row in read_table(tmp_path / "q.parquet")]
    assert found == [None, value(tmp_path, 1, "audio")]


def test_pictures_are_known_without_being_named(tmp_path: Path) -> None:
    for column in (pa.array([{"bytes": PNG, "path": None}, None]), pa.array([PNG, None])):
        assert cells(tmp_path, column) == [value(tmp_path, 0, "image"), None]
    table = pa.table({"x": pa.array([[{"bytes": b"odd", "path": None}]])})
    features = {"x": {"feature": {"_type": "Audio"}, "_type": "List"}}
    hub = {"huggingface": json.dumps({"info": {"features": features}})}
    pq.write_table(table.replace_schema_metadata(hub), tmp_path / "q.parquet")
    (row,) = read_table(tmp_path / "q.parquet")
    assert row.cells["x"] == [value(tmp_path, 0, "audio", item=0)]


def test_a_text_cannot_show_a_picture(tmp_path: Path) -> None:
    cell, _ = cells(tmp_path, pa.array([{"bytes": PNG, "path": None}, None]))
    sample = Sample(id="a", fields={"question": "?", "x": cell})
    with pytest.raises(DataError, match=r"names \{x\}.*q.parquet: the column 'x' holds a pict"):
        TextTemplate(TextSettings(question="{x}")).render(sample, ())
    prompt = ChatTemplate(ChatSettings(user="{x} {question}")).render(sample, ())
    assert prompt.media == (media_of(cell, "image"),)
    assert prompt.words == " ?"


def test_any_row_of_any_group_is_found(tmp_path: Path) -> None:
    file = tmp_path / "q.parquet"
    contents = [PNG + bytes([number]) * 40_000 for number in range(50)]
    pq.write_table(pa.table({"x": contents}), file, row_group_size=20)
    found = [row.cells["x"] for row in read_table(file)]
    for number in (49, 0, 19, 20, 3, 41):
        assert content_of(media_of(found[number], "image")) == contents[number]
    with pytest.raises(DataError, match=r"q.parquet: row 61 cannot be read.*has 50 rows"):
        content_of(Media(kind="image", path=str(file), inside=MediaPlace(row=60, column="x")))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"q.parquet: the column 'x' holds int"):
        cells(tmp_path, pa.array([1]), "x")


def test_a_name_twice(tmp_path: Path) -> None:
    file = tmp_path / "q.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), file)
    with pytest.raises(DataError, match="two columns are called 'a'"):
        read_table(file)


def test_no_parquet(tmp_path: Path) -> None:
    file = tmp_path / "q.parquet"
    file.write_text("question,answer")
    with pytest.raises(DataError, match=r"q.parquet: damaged, or not a file in Parquet's format"):
        read_table(file)


def test_the_mark_itself() -> None:
    assert why_unusable(unusable("so")) == "so"
    assert why_unusable(["a", unusable("so")]) == "so"
    for cell in (None, "a", 1, {}, {"!unusable": 1}, {"!unusable": "a", "b": 1}, ["a"], []):
        assert why_unusable(cell) is None


@pytest.mark.parametrize("form", ["stream", "file"])
def test_arrow(tmp_path: Path, form: str) -> None:
    """As `save_to_disk` of `datasets` and as pandas write it: like Parquet, contents too."""
    file = tmp_path / "data-00000-of-00001.arrow"
    held = [{"bytes": PNG, "path": "a.png"}, None, {"bytes": None, "path": "b.png"}]
    table = pa.table({"q": ["a", "b", "c"], "n": [1.5, float("nan"), 2], "image": held})
    new = pa.ipc.new_stream if form == "stream" else pa.ipc.new_file
    with new(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    rows = [one.cells for one in read_table(file)]
    assert [(one["q"], one["n"]) for one in rows] == [("a", 1.5), ("b", None), ("c", 2)]
    assert rows[1]["image"] is None and rows[2]["image"] == "b.png"
    assert content_of(media_of(rows[0]["image"], "image")) == PNG
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match="damaged, or not a file in Arrow's format"):
        read_table(file)
