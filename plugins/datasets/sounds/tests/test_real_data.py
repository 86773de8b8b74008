"""The published rows, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
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


def test_sounds_in_all_layouts() -> None:
    """The authors' list of files, a folder of sounds, lmms-eval's Parquet."""
    folder = DATA / "vocalsound"
    listed = open_dataset("vocalsound", {"path": str(folder)}).samples()
    found = open_dataset("vocalsound", {"path": str(folder / "audio_16k")}).samples()
    rows = open_dataset("vocalsound", {"path": str(folder / "lmms_eval")}).samples()
    assert (len(listed), len(found), len(rows)) == (12, 12, 12)
    assert {one.id: one.target for one in listed} == {one.id: one.target for one in found}
    assert sorted(str(one.target) for one in rows) == sorted(str(one.target) for one in found)
    assert {one.fields["sex"] for one in listed} == {"female", "male"}
    assert {one.fields["age"] for one in rows} <= {"18 to 25", "26 to 48", "49 to 80"}
