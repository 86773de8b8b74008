"""What the extraction rules return."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen


@frozen
class Extraction:
    """The number that a rule took for the answer.

    ``written`` is the number without its scale word ("4 million" is 4000000, written 4), or
    None when there is none. ``how`` says in a few words where the number stood.
    """

    value: Decimal
    written: Decimal | None
    how: str
