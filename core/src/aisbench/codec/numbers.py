"""Numbers in what a server sent."""

from __future__ import annotations

import math
from typing import Any

MOST = 10**12
"""No answer has more tokens: a larger number is an error, and no file could hold its sums."""


def count_of(table: Any, key: str) -> int | None:
    """A count, or None for anything that is not an integer from 0 to :data:`MOST`."""
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


def keep_counts(held: dict[str, Any], usage: Any) -> None:
    """Take the counts of one event of a stream into those of the answer. Later ones win, but a
    null says nothing: some servers send the parts apart."""
    if type(usage) is dict:
        held.update((key, value) for key, value in usage.items() if value is not None)
