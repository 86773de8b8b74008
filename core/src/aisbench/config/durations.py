"""Lengths of time as people write them: ``90s``, ``10m``, ``1.5h``."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h)\Z")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST = 1e9


def duration_problem(text: str) -> str | None:
    """What is wrong with a setting; None for a duration and for an empty text."""
    if not text:
        return None
    found = _DURATION.match(text.strip())
    if found is None:
        return 'must be a number with its unit: "30s", "10m" or "2h"'
    return None if _seconds(found) <= _LONGEST else "must be 1e9 seconds or less"


def seconds_of(text: str) -> float:
    """The seconds of a text that is not empty and passes :func:`duration_problem`."""
    found = _DURATION.match(text.strip())
    assert found is not None
    return _seconds(found)


def _seconds(found: re.Match[str]) -> float:
    return float(found[1]) * _UNITS[found[2]]
