"""The published rows, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisbench.api import Sample, open_dataset

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
DATA = SHARED / "data2" / "mm"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not DATA.is_dir(),
        reason="no published rows; set AISBENCH_SHARED to the folder of data2",
    ),
]


def asked(name: str, **settings: object) -> list[Sample]:
    return list(open_dataset(name, {"path": str(DATA / "mmmu_pro"), **settings}).samples())


def test_rows_of_mmmu() -> None:
    """Questions with options and without, pictures in their places."""
    subjects = ["Biology", "Clinical_Medicine", "Energy_and_Power", "Math", "Music"]
    rows = open_dataset("mmmu", {"path": str(DATA / "mmmu"), "parts": subjects}).samples()
    assert len(rows) == 10
    assert {one.part for one in rows} == set(subjects)
    assert [one.target for one in rows if one.fields["has_options"] is False] == [
        "7",
        ["4", "four"],
    ]
    pictures = [sum(bool(one) for one in row.fields["pictures"]) for row in rows]  # type: ignore[union-attr]
    assert (min(pictures), max(pictures)) == (1, 2)


def test_rows_of_mmmu_pro_in_both_layouts() -> None:
    """The same question is the same in Parquet and in VLMEvalKit's table."""
    rows = {one.fields["id"]: one for one in asked("mmmu-pro")}
    table = {
        one.fields["id"]: one for one in asked("mmmu-pro", files={"test": "MMMU_Pro_10c.tsv"})
    }
    assert (len(rows), len(table)) == (11, 8)
    for name in set(rows) & set(table):
        one, two = rows[name], table[name]
        for field in ("question", "choices"):
            assert one.fields[field] == two.fields[field], name
        assert (one.target, one.part) == (two.target, two.part)
    shown = rows["test_Music_251"]
    assert sum(bool(one) for one in shown.fields["pictures"]) == 5  # type: ignore[union-attr]
    vision = asked("mmmu-pro-vision")
    both = asked("mmmu-pro-vision", files={"test": "MMMU_Pro_V.tsv"})
    assert [one.target for one in vision] == [one.target for one in both]
    assert len(vision) == 4
