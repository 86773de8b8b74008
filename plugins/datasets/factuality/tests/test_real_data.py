"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisbench.api import open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MORE = SHARED / "data2"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not MORE.is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_every_row_loads() -> None:
    samples = open_dataset("simpleqa", {"path": str(SHARED / "data" / "simpleqa")}).samples()
    assert len(samples) == 400
    assert all(isinstance(one.target, str) and one.fields["question"] for one in samples)
    assert len({one.part for one in samples}) > 5
    samples = open_dataset("hle", {"path": str(MORE / "hle_layout")}).samples()
    assert [one.id.rpartition("-")[2] for one in samples] == [
        "invented0", "invented1", "invented2", "invented4", "invented5",
    ]  # fmt: skip


def test_pictures_of_hle() -> None:
    """Rows with a picture are asked by hle-full alone."""
    folder = MORE / "mm" / "hle"
    if not folder.is_dir():
        pytest.skip("no rows with pictures")
    whole = open_dataset("hle-full", {"path": str(folder)}).samples()
    text = open_dataset("hle", {"path": str(folder)}).samples()
    assert (len(whole), len(text)) == (4, 2)
    assert [one.fields["with_picture"] for one in whole].count("yes") == 2
