"""What a suite may set."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import above, setting


@frozen
class MathSettings:
    """How the answer is found and compared."""

    rule: Literal["verify", "boxed", "normalised"] = setting(
        default="verify",
        help="verify: what a box, a marked statement or the last words say, by its meaning; "
        "boxed: the same of the last box alone; normalised: the last box as a normalised text "
        "(the rule of the MATH paper, which AISBench has as its v2)",
    )
    digits: int = setting(
        default=6,
        check=above(0),
        help="significant digits to which decimals agree with the reference; fractions, roots and "
        "the like are compared exactly",
    )
