"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisbench.api import open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


@pytest.mark.parametrize(("folder", "subjects", "rows"), [("data", 8, 1543), ("data2", 8, 1142)])
def test_every_row_loads(folder: str, subjects: int, rows: int) -> None:
    path = SHARED / folder / "cmmlu"
    parts = sorted(file.stem for file in (path / "test").glob("*.csv"))
    assert len(parts) == subjects
    dataset = open_dataset("cmmlu", {"path": str(path), "parts": parts})
    samples = dataset.samples()
    assert len(samples) == rows
    assert {one.target for one in samples} == set("ABCD")
    assert len(dataset.examples()) == 5 * subjects
