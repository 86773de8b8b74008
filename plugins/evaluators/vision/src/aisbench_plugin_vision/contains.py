"""The evaluator ``contains``: a reference stands somewhere in the answer.

Y. Liu et al., "OCRBench", 2023 (arXiv:2305.07895): letters in the same order, of any case, and of
formulas with their case and without blanks. It finds 4 in 14, and "no" in "not": the reading
"whole words" says where that happened.
"""

from __future__ import annotations

import re
import unicodedata

from attrs import frozen

from aisbench.api import Answer, Reading, Sample, Score, Verdict, setting
from aisbench_plugin_vision.references import reference_texts


@frozen
class ContainsSettings:
    """What does not count."""

    case: bool = setting(default=False, help="upper and lower case differ, as in formulas")
    blanks: bool = setting(
        default=True, help="blanks count; false: all are taken out first, as of formulas"
    )
    width: bool = setting(
        default=True,
        help="full-width letters and digits differ from plain ones, as the authors have it; "
        "lmms-eval folds them",
    )


class Contains:
    """Right where any reference is in the answer."""

    def __init__(self, settings: ContainsSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        reference_texts(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        wanted = [self._form(one) for one in reference_texts(sample) if one.strip()]
        if not answer.text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        text = self._form(answer.text)
        found = [one for one in wanted if one in text]
        whole = any(_stands_alone(one, text) for one in found)
        remark = f"{found[0]:.40} is part of a longer word or number" if found else ""
        return Score(
            value=float(bool(found)),
            verdict=Verdict.RIGHT if found else Verdict.WRONG,
            extracted=text,
            reason="" if whole else remark,
            readings={"whole words": Reading(value=float(whole), extracted=text)},
        )

    def _form(self, text: str) -> str:
        text = text.strip().replace("\n", " ")
        if not self._settings.width:
            text = unicodedata.normalize("NFKC", text)
        if not self._settings.case:
            text = text.lower()
        return text if self._settings.blanks else text.replace(" ", "")


def _stands_alone(wanted: str, text: str) -> bool:
    """Whether it is somewhere in the text where no word or number goes on at its ends."""
    for match in re.finditer(re.escape(wanted), text):
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        if not (_together(before, wanted[0]) or _together(wanted[-1], after)):
            return True
    return False


def _together(one: str, other: str) -> bool:
    pair = one + other
    return len(pair) == 2 and pair.isascii() and pair.isalnum()
