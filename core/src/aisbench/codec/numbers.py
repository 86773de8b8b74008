"""Numbers in what a server sent."""

from __future__ import annotations

import math
from typing import Any

MOST = 10**12
"""More tokens are in no answer: such a number is an error, and sums of it fit no file."""


def count_of(table: Any, key: str) -> int | None:
    """A count, None where there is none: counts are never negative, nor beyond :data:`MOST`."""
    value = table.get(key) if isinstance(table, dict) else None
    return value if type(value) is int and 0 <= value <= MOST else None


def number_of(value: Any) -> float | None:
    """A finite number, or None."""
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            return None
    return value if type(value) is float and math.isfinite(value) else None
