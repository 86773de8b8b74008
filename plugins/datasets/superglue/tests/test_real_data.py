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


@pytest.mark.parametrize(
    ("name", "folder", "rows", "first"),
    [
        ("rte", "RTE", 153, "B"),
        ("cb", "CB", 56, "A"),
        ("copa", "COPA", 100, "B"),
        ("wic", "WiC", 258, "B"),
        ("wsc", "WSC", 104, "B"),
    ],
)
def test_every_row_loads(name: str, folder: str, rows: int, first: str) -> None:
    samples = open_dataset(name, {"path": str(MORE / "superglue" / folder)}).samples()
    assert (len(samples), samples[0].target) == (rows, first)
    letters = [one.target for one in samples]
    # No answer is right in nearly all rows, as a mistake in reading the key would have it.
    assert max(map(letters.count, set(letters))) < 0.7 * rows
