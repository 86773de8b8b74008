"""The evaluator ``exact``: is the answer the reference?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from attrs import frozen

from aisbench.answers import WrittenAnswer
from aisbench.api import Answer, Reading, Sample, Score, Verdict, setting
from aisbench_plugin_text.normal import squad, triviaqa
from aisbench_plugin_text.peeling import forms, marked
from aisbench_plugin_text.references import references

_FORMS: Mapping[str, Callable[[str], str]] = {
    "squad": squad,
    "triviaqa": triviaqa,
    "strip": str.strip,
    "none": lambda text: text,
}


@frozen
class ExactSettings:
    """What is compared, and how."""

    normalise: Literal["loose", "squad", "triviaqa", "strip", "none"] = setting(
        default="loose",
        help="loose: case, width and blanks do not count, nor at the ends a full stop, an "
        "article, quotes, a box, bold marks; and what is marked as the answer at the end of more "
        "words counts; squad, triviaqa: as the authors of these sets compare; strip: blanks at "
        "the ends; none",
    )
    match: Literal["equal", "contains", "starts"] = setting(
        default="equal",
        help="the answer is the reference, holds it, or begins with it (after normalising)",
    )


class ExactEvaluator:
    """Right when the answer matches any reference."""

    def __init__(self, settings: ExactSettings) -> None:
        self._form = _FORMS.get(settings.normalise)
        self._match = settings.match

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        wanted = references(sample)
        raw = answer.text
        if not raw.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        right, extracted = (
            self._loose(raw, wanted) if self._form is None else self._plain(raw, wanted)
        )
        same = raw.strip() in [one.strip() for one in wanted]
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=extracted,
            readings={"strict": Reading(value=float(same), extracted=raw.strip())},
        )

    def _plain(self, raw: str, wanted: list[str]) -> tuple[bool, str]:
        assert self._form is not None
        answer = self._form(raw)
        return any(self._fits(answer, self._form(one)) for one in wanted), answer

    def _loose(self, raw: str, wanted: list[str]) -> tuple[bool, str]:
        """Whether any form of the answer fits any of a reference; the barest form."""
        spellings = [form for one in wanted for form in forms(one)]
        own = forms(raw)
        if any(self._fits(one, other) for one in own for other in spellings):
            return True, own[-1]
        if raw.strip().isascii() and raw.strip().isalnum():
            return False, own[-1]
        # The slower look is for answers with more around them than a word.
        kept = forms(WrittenAnswer.read(raw).dressed)
        said = marked(raw)
        if said is not None:
            kept = forms(said)
        right = any(self._fits(one, other) for one in kept for other in spellings)
        return right, kept[-1]

    def _fits(self, answer: str, wanted: str) -> bool:
        if self._match == "equal":
            return answer == wanted
        if not wanted.strip():
            return False
        for match in re.finditer(re.escape(wanted), answer):
            if self._match == "starts" and match.start():
                return False
            if _whole(answer, match.start(), match.end()):
                return True
        return False


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no word or number goes on at the ends of ``text[start:end]``: "no" is not in
    "north", nor 12 in 123. Characters of unspaced scripts stand for themselves."""
    before, after = text[start - 1 : start], text[end : end + 1]
    first, last = text[start], text[end - 1]
    begins = _ALIKE.match(first + before) if before else None
    goes_on = _ALIKE.match(last + after) if after else None
    return begins is None and goes_on is None


_ALIKE = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u0370-\u052f]{2}")
