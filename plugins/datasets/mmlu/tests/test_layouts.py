"""The same rows in the layouts in which they are given out."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aisbench.api import DataError, open_dataset

SUBJECT = "anatomy"
ROWS = [
    ['Where is the "knee"?', "leg", "arm", "head", "back", "A"],
    ["2?", "1", "2", "3", "4", "D"],
]


def _parquet(file: Path, rows: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), file)


def _csv(folder: Path) -> None:
    (folder / "data" / "test").mkdir(parents=True)
    with (folder / "data" / "test" / f"{SUBJECT}_test.csv").open("w", newline="") as opened:
        csv.writer(opened).writerows(ROWS)


def _cais(folder: Path) -> None:
    rows = [
        {
            "question": row[0],
            "subject": SUBJECT,
            "choices": row[1:5],
            "answer": "ABCD".index(row[5]),
        }
        for row in ROWS
    ]
    _parquet(folder / SUBJECT / "test-00000-of-00001.parquet", rows)


def _lukaemon(folder: Path) -> None:
    names = ["input", "A", "B", "C", "D", "target"]
    rows = [dict(zip(names, row, strict=True)) for row in ROWS]
    _parquet(folder / SUBJECT / "test" / "0000.parquet", rows)


@pytest.mark.parametrize("write", [_csv, _cais, _lukaemon])
def test_mmlu(write: Any, tmp_path: Path) -> None:
    write(tmp_path)
    samples = open_dataset("mmlu", {"path": str(tmp_path), "parts": [SUBJECT]}).samples()
    assert [
        [one.fields["question"], *one.fields["choices"], one.target] for one in samples
    ] == ROWS
    assert [one.id for one in samples] == [f"{SUBJECT}/test-0", f"{SUBJECT}/test-1"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "q", "choices": ["a", "b"], "answer": 0}, "row 1: must have four choices"),
        ({"question": "q", "choices": list("abcd"), "answer": 4}, "number of one of them.* and 4"),
        ({"prompt": "q", "gold": 1}, "row 1: neither .*: prompt, gold"),
    ],
)
def test_other_columns(row: dict[str, Any], message: str, tmp_path: Path) -> None:
    _parquet(tmp_path / SUBJECT / "test-00000-of-00001.parquet", [row])
    with pytest.raises(DataError, match=message):
        open_dataset("mmlu", {"path": str(tmp_path), "parts": [SUBJECT]}).samples()
