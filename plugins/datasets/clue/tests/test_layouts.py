"""The same rows in the layouts in which they are given out, and rows without labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aisbench.api import open_dataset

DATA = Path(__file__).parent / "data"
LABELS = {"neutral": 0, "entailment": 1, "contradiction": 2, "-": -1, "0": 0, "1": 1}
"""As Hugging Face numbers them (datasets/clue/clue.py in its repository)."""


def _rows(name: str, file: str) -> list[dict[str, Any]]:
    lines = (DATA / name / file).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@pytest.mark.parametrize("name", ["cmnli", "afqmc"])
def test_clue_of_hugging_face(name: str, tmp_path: Path) -> None:
    rows = _rows(name, "dev.json")
    for file, numbers in (("validation", LABELS), ("test", dict.fromkeys(LABELS, -1))):
        numbered = [{**row, "label": numbers[str(row["label"])]} for row in rows]
        pq.write_table(pa.Table.from_pylist(numbered), tmp_path / f"{file}-0.parquet")
    official = open_dataset(name, {"path": str(DATA / name)}).samples()
    found = open_dataset(name, {"path": str(tmp_path)}).samples()
    assert [(one.target, one.fields["sentence1"]) for one in found] == [
        (one.target, one.fields["sentence1"]) for one in official
    ]
    hidden = open_dataset(name, {"path": str(tmp_path), "split": "test"}).samples()
    assert [one.target for one in hidden] == [None] * len(rows)


@pytest.mark.parametrize(
    ("name", "folder", "file", "gone"),
    [
        ("cmnli", "cmnli", "dev.json", "label"),
        ("ocnli", "ocnli", "dev.json", "label"),
        ("afqmc", "afqmc", "dev.json", "label"),
        ("fewclue-bustm", "bustm", "test_public.json", "label"),
        ("fewclue-chid", "chid", "test_public.json", "answer"),
        ("fewclue-cluewsc", "cluewsc", "test_public.json", "label"),
        ("fewclue-csl", "csl", "test_public.json", "label"),
        ("fewclue-eprstmt", "eprstmt", "test_public.json", "label"),
        ("fewclue-tnews", "tnews", "test_public.json", "label_desc"),
    ],
)
def test_rows_of_test_without_labels(
    name: str, folder: str, file: str, gone: str, tmp_path: Path
) -> None:
    rows = [{**row} for row in _rows(folder, file)]
    for row in rows:
        del row[gone]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "test.json").write_text(text, encoding="utf-8")
    samples = open_dataset(name, {"path": str(tmp_path), "split": "test"}).samples()
    assert [one.target for one in samples] == [None] * len(rows)
