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
        help="verify: by math-verify, from a box, a formula or a number; boxed: the same, from "
        "the last box alone; normalised: the last box as a normalised text (the rule of the MATH "
        "paper, which AISBench has as its v2)",
    )
    digits: int = setting(
        default=6, check=above(0), help="decimals to which numbers that are no fractions agree"
    )
    seconds: float = setting(
        default=5.0, unit="s", check=above(0), help="to read or compare one answer"
    )
