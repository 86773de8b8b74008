"""The evaluator ``exact``: is the answer the reference?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from attrs import frozen

from aisbench.api import Reading, Sample, Score, Transcript, Verdict, setting
from aisbench_plugin_text.normal import loose, squad
from aisbench_plugin_text.references import references

_FORMS: Mapping[str, Callable[[str], str]] = {
    "loose": loose,
    "squad": squad,
    "strip": str.strip,
    "none": lambda text: text,
}


@frozen
class ExactSettings:
    """What is compared, and how."""

    normalise: Literal["loose", "squad", "strip", "none"] = setting(
        default="loose",
        help="loose: case, punctuation, articles, blanks and width do not count; squad: as in "
        "SQuAD; strip: blanks at the ends; none",
    )
    match: Literal["equal", "contains", "starts"] = setting(
        default="equal",
        help="the answer is the reference, holds it, or begins with it (after normalising)",
    )


class ExactEvaluator:
    """Right when the answer matches any reference."""

    def __init__(self, settings: ExactSettings) -> None:
        self._form = _FORMS[settings.normalise]
        self._match = settings.match

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        references(sample)

    def score(self, sample: Sample, transcript: Transcript) -> Score:
        """Raises DataError when the sample has no reference text."""
        wanted = [self._form(one) for one in references(sample)]
        raw = transcript.response.text
        answer = self._form(raw)
        if not raw.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        right = any(self._fits(answer, one) for one in wanted)
        same = raw.strip() in [one.strip() for one in references(sample)]
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=answer,
            readings={"strict": Reading(value=float(same), extracted=raw.strip())},
        )

    def _fits(self, answer: str, wanted: str) -> bool:
        if self._match == "contains":
            return bool(wanted) and wanted in answer
        if self._match == "starts":
            return bool(wanted) and answer.startswith(wanted)
        return answer == wanted
