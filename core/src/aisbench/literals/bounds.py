"""How much of a text is read, and the error of what is not."""

from __future__ import annotations

LENGTH = 200_000
"""Characters of a text of Python: some fifty thousand tokens, far beyond any list of calls."""
JSON_LENGTH = 2_000_000
"""Characters of a text of JSON: its reader is C, ten times as fast."""
DEPTH = 100
"""Brackets in brackets, operators on operators. Readers, writers and comparisons of nested values
recurse, and Python's own stack ends at about a thousand."""
DIGITS = 4300
"""Decimal digits of a number, as Python's own limit of conversions."""
BITS = 14_000
"""Of a computed whole number: what can be written in so many digits."""
ITEMS = 100_000
"""Characters and elements of a sequence that was put together or repeated."""
WORK = 1_000_000
"""Characters and elements that all arithmetic on sequences of one text may make."""


class LiteralError(ValueError):
    """A text is no literal, no call, or beyond the bounds; the message says what is in the way."""


def excerpt(text: str, most: int = 40) -> str:
    """A text for a message, shortened."""
    return repr(text if len(text) <= most else text[:most] + "...")
