"""What a suite may set."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import setting


@frozen
class ErrorRateSettings:
    """What counts as an error."""

    unit: Literal["words", "characters", "mixed"] = setting(
        default="words",
        help="what is compared: words; characters, for languages without blanks between words; "
        "mixed: the characters of such languages, and the words of others among them",
    )
    normalise: Literal["english", "basic", "none"] = setting(
        default="english",
        help="what is done to both texts before: Whisper's rules for English (numbers, "
        "contractions, spellings), its basic ones for all languages (case, signs, brackets), or "
        "nothing",
    )
