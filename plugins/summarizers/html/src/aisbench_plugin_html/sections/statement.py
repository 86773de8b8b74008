"""Lines of the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from attrs import frozen

from aisbench.api import Wording, translated

Sign = Literal["good", "bad", "mind", "told"]
MOST = 0.01
"""A larger share of what went wrong is worth a mark."""


@frozen
class VerdictStatement:
    """One line of the verdict."""

    sign: Sign
    text: str


def percent(part: int, whole: int) -> str:
    """``3.8%``."""
    return f"{part / whole:.1%}" if whole else "?"


def causes_of(faults: Iterable[Mapping[str, int]], words: Wording) -> str:
    """The commonest causes with their numbers."""
    causes: dict[str, int] = {}
    for one in faults:
        for cause, number in one.items():
            told = translated(cause, words.language)
            causes[told] = causes.get(told, 0) + number
    listed = sorted(causes.items(), key=lambda item: -item[1])
    return ", ".join(f"{cause} ({number:,})" for cause, number in listed[:4]) or "?"
