"""The same rows in the layouts in which they are given out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aisbench.api import Sample, open_dataset

DATA = Path(__file__).parent / "data"
LABELS: dict[Any, int] = {
    "entailment": 0, "not_entailment": 1, "contradiction": 1, "neutral": 2, True: 1, False: 0,
}  # fmt: skip
"""As Hugging Face numbers them (datasets/super_glue/super_glue.py in its repository)."""


def _row(line: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(line)
    label = row["label"]
    label = {"true": True, "false": False}.get(str(label).lower(), label)
    return {**row.pop("target", {}), **row, "label": LABELS.get(label, label)}


def _seen(sample: Sample) -> tuple[object, ...]:
    said = {name: sample.fields.get(name) for name in ("said", "ends", "form", "passage", "noun")}
    return sample.id, sample.target, said


@pytest.mark.parametrize("name", ["rte", "cb", "copa", "wic", "wsc"])
def test_superglue_of_hugging_face(name: str, tmp_path: Path) -> None:
    rows = [_row(line) for line in (DATA / name / "val.jsonl").read_text("utf-8").splitlines()]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "validation-00000-of-00001.parquet")
    unknown = [{**row, "label": -1} for row in rows]
    pq.write_table(pa.Table.from_pylist(unknown), tmp_path / "test-00000-of-00001.parquet")
    official = open_dataset(name, {"path": str(DATA / name)}).samples()
    found = open_dataset(name, {"path": str(tmp_path)}).samples()
    assert list(map(_seen, found)) == list(map(_seen, official))
    hidden = open_dataset(name, {"path": str(tmp_path), "split": "test"}).samples()
    assert {one.target for one in hidden} == {None}
