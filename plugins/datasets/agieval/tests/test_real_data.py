"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from collections import Counter
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


def test_every_row_loads() -> None:
    path = str(SHARED / "data" / "agieval" / "data")
    english = open_dataset("agieval-en", {"path": path}).samples()
    assert len(english) == 450
    parts = ["gaokao-*", "logiqa-zh"]
    chinese = open_dataset("agieval-zh", {"path": path, "parts": parts}).samples()
    assert len(chinese) == 450
    cloze = open_dataset("agieval-cloze", {"path": path}).samples()
    assert len(cloze) == 120
    several = [one for one in chinese if isinstance(one.target, list)]
    assert {one.part for one in several} == {"gaokao-physics"}
    assert len(several) == 11
    assert several[0].target == ["A", "D"]
    # 3 rows of gaokao-chinese and 5 of logiqa-zh write options otherwise than "(A)...".
    assert {one.fields["last"] for one in chinese} == {"D"}
    assert {one.part for one in english if one.fields["last"] == "E"} == {
        "aqua-rat", "lsat-ar", "lsat-lr", "lsat-rc",
    }  # fmt: skip


def test_the_authors_examples() -> None:
    """3 or 5 of each task; those of gaokao-geography write all options as one text."""
    path = str(SHARED / "data" / "agieval" / "data")
    for name, tasks in (("agieval-en", 9), ("agieval-zh", 10)):
        examples = open_dataset(name, {"path": path}).examples()
        counts = Counter(one.part for one in examples)
        assert len(counts) == tasks
        assert set(counts.values()) <= {3, 5}
        assert all(one.target is not None for one in examples)
