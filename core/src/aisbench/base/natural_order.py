"""The order in which a person puts names."""

from __future__ import annotations

import re


def natural(text: str) -> tuple[tuple[int, float, str], ...]:
    """A key to sort by: "level 10" comes behind "level 9"."""
    pieces = re.findall(r"\d+(?:\.\d+)?|[^\d]+", text)
    return tuple((0, float(one), "") if one[0].isdecimal() else (1, 0.0, one) for one in pieces)
