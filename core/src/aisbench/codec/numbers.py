"""Numbers in what a server sent."""

from __future__ import annotations

import math
from typing import Any


def count_of(table: Any, key: str) -> int | None:
    """A count, None where there is none: counts are never negative."""
    value = table.get(key) if isinstance(table, dict) else None
    return value if type(value) is int and value >= 0 else None


def number_of(value: Any) -> float | None:
    """A finite number, or None."""
    if type(value) in (int, float) and math.isfinite(value):
        return float(value)
    return None
