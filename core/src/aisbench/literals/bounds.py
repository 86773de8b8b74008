"""How much of a text is read, and the error for what is not read."""

from __future__ import annotations

LENGTH = 200_000
"""Characters of Python text: some fifty thousand tokens, far more than any list of calls."""
JSON_LENGTH = 2_000_000
"""Characters of JSON text, whose reader is in C and ten times as fast."""
DEPTH = 100
"""Brackets in brackets, operators on operators. Readers, writers and comparisons of nested values
recurse, and Python's own stack ends at about a thousand."""
DIGITS = 4300
"""Decimal digits of a number: Python's own limit of conversions."""
BITS = 14_000
"""Bits of a computed integer: as many as :data:`DIGITS` can express."""
ITEMS = 100_000
"""Characters or elements of a concatenated or repeated sequence."""
WORK = 1_000_000
"""Characters and elements that all concatenations and repetitions of one text may make."""


class LiteralError(ValueError):
    """A text is not a literal or a call, or beyond the bounds; the message says why."""


def excerpt(text: str, most: int = 40) -> str:
    """A text for a message, shortened."""
    return repr(text if len(text) <= most else text[:most] + "...")
