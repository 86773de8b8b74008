"""The published rows, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from aisbench.api import open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
DATA = SHARED / "data2" / "mm"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not DATA.is_dir(),
        reason="no published rows; set AISBENCH_SHARED to the folder of data2",
    ),
]


def test_rows_of_mmstar_in_both_layouts() -> None:
    table = open_dataset("mmstar", {"path": str(DATA / "mmstar")}).samples()
    folder = {"path": str(DATA / "mmstar" / "hf")}
    rows = open_dataset("mmstar", folder).samples()
    assert [one.fields["choices"] for one in table] == [one.fields["choices"] for one in rows]
    assert [one.fields["asked"] for one in table] == [one.fields["asked"] for one in rows]
    assert [(one.id, one.target) for one in table] == [(one.id, one.target) for one in rows]
    assert len({one.part for one in rows}) == 6


def test_rows_of_mmbench() -> None:
    """All turns of the options ask one question, and show the picture of the first."""
    rows = open_dataset("mmbench", {"path": str(DATA / "mmbench")}).samples()
    ways = Counter(one.question for one in rows)
    assert (len(rows), len(ways)) == (39, 10)
    assert Counter(ways.values()) == {4: 9, 3: 1}
    first = {one.question: one.fields for one in reversed(rows)}
    for one in rows:
        assert one.fields["image"] == first[one.question]["image"]
        assert one.fields["target_text"] == first[one.question]["target_text"]
    assert len(open_dataset("mmbench-cn", {"path": str(DATA / "mmbench")}).samples()) == 6
    assert len(open_dataset("ccbench", {"path": str(DATA / "mmbench")}).samples()) == 6


def test_rows_of_realworldqa_in_both_layouts() -> None:
    folder = str(DATA / "realworldqa")
    rows = open_dataset("realworldqa", {"path": folder}).samples()
    assert [one.target for one in rows] == ["A", "4", "B", "No"]
    assert [one.fields["has_options"] for one in rows] == [True, False, True, False]
    table = open_dataset(
        "realworldqa", {"path": folder, "files": {"test": "RealWorldQA.tsv"}}
    ).samples()
    assert table[0].fields["asked"] == rows[0].fields["asked"]
