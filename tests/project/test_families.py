"""Whoever comes from AISBench finds each family of texts."""

from __future__ import annotations

from aisbench.plugins.discovery import discover
from tools.families import SIGHT_AND_SOUND, TEXTS, missing


def test_all_families_of_texts_are_here() -> None:
    assert len(TEXTS) + len(SIGHT_AND_SOUND) == 71
    assert missing(frozenset(one.offer.name for one in discover().of_kind("dataset"))) == []


def test_one_that_is_gone_is_told() -> None:
    assert missing(frozenset()) == list(TEXTS)
