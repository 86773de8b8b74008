"""Real predictions about pictures and films give their authors' figures."""

from __future__ import annotations

import sys

import pytest
from live import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
from sight_and_sound import CHECKS, DATA, table

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not DATA.is_dir(), reason="no published predictions beside the checkout"),
]


LONG = frozenset({"mathvision", "mathvista", "mmmu-pro", "ocrbench-v2", "omnidocbench"})
"""Thousands of answers, or pages: run with -m slow."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[pytest.mark.slow] if one in LONG else []) for one in CHECKS],
)
def test_the_authors_figures(name: str) -> None:
    rows, missing = table([name])
    assert not missing
    assert rows
    assert [row for row in rows if not row.good] == []
