"""Whoever comes from AISBench finds each family."""

from __future__ import annotations

from aisbench.plugins.discovery import discover
from tools.families import FAMILIES, missing


def test_all_families_are_here() -> None:
    """Those that no set of ours stands for yet are counted, and known."""
    assert len(FAMILIES) == 71
    known = [name for name, ours in FAMILIES.items() if not ours]
    assert missing(frozenset(one.offer.name for one in discover().of_kind("dataset"))) == known


def test_one_that_is_gone_is_told() -> None:
    assert missing(frozenset()) == list(FAMILIES)
