"""What a suite may set."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import at_least, setting

Rule = Literal["lenient", "strict", "aisbench"]


@frozen
class NumericSettings:
    """How the final number is found and compared."""

    rule: Rule = setting(
        default="lenient",
        help="strict: only a marked answer; lenient: else the last line's number; "
        "aisbench: the rule of AISBench 3.1",
    )
    tolerance: float = setting(
        default=1e-6,
        help="largest relative difference from the reference; two integers must be equal",
        check=at_least(0),
    )
    places: str = setting(
        default="",
        help="field with the decimal places to which answer and reference are rounded before they "
        "are compared; a row that has none there is compared as it is",
        example="precision",
    )
