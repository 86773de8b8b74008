"""The judge of Humanity's Last Exam (hle_eval/run_judge_results.py of centerforaisafety/hle)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aisbench.api import Answer, Measure, Prompt, Response, Sample, Score, Verdict
from aisbench_plugin_factuality.grader import Grader, most, unreadable
from aisbench_plugin_factuality.settings import GraderSettings

_CORRECT = re.compile(
    r"^\W{0,20}correct\W{0,5}[:：]\W{0,20}(yes|no)\b(?!\W*(?:/|\band\b|\bor\b)\W*(?:yes|no)\b)",
    re.IGNORECASE | re.MULTILINE,
)
_CONFIDENCE = re.compile(
    r"^\W{0,20}confidence\W{0,5}[:：][^\d\n]{0,20}(\d{1,3}(?:\.\d+)?)",
    re.IGNORECASE | re.MULTILINE,
)
_EXTRACTED = re.compile(
    r"^\W{0,20}extracted_final_answer\W{0,5}[:：][ *]*(\S.*?) *$", re.IGNORECASE | re.MULTILINE
)


def judgement(text: str) -> tuple[bool, float, str] | None:
    """Whether the answer is right, how sure the model was (percent; 100 where nothing is said, as
    the judge is told), and the answer as the judge reads it. None where it says neither yes nor
    no, or both."""
    said = {word.lower() for word in _CORRECT.findall(text)}
    if len(said) != 1:
        return None
    sure = _CONFIDENCE.findall(text)
    confidence = min(float(sure[-1]), 100.0) if sure else 100.0
    extracted = _EXTRACTED.search(text)
    return said == {"yes"}, confidence, extracted[1] if extracted else ""


class HleJudge(Grader):
    """Right when most judgements say yes; the measure ``confidence`` is what calibration needs."""

    def __init__(self, settings: GraderSettings) -> None:
        super().__init__(settings, "hle_judge.txt")

    def questions(self, sample: Sample, answer: Answer, rival: Answer | None) -> Sequence[Prompt]:
        """One. Raises DataError without a reference."""
        return self._asked(sample, answer, "question", "correct_answer", "response")

    def conclude(
        self, sample: Sample, answer: Answer, judgements: Sequence[Sequence[Response]]
    ) -> Score:
        """A tie of judgements is unreadable."""
        said = [judgement(responses[0].text) for responses in judgements]
        known = [one for one in said if one is not None]
        share = 100 * (1 - len(known) / len(said))
        unread = Measure(value=share, unit="%", weight=len(said), better="down")
        right = most([one[0] for one in known])
        if right is None:
            why = "judgements are split" if known else "no judgement says yes or no"
            return unreadable(why, unread)
        _, confidence, extracted = next(one for one in known if one[0] is right)
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=extracted or "what the judge did not name",
            reason=f"{sum(one[0] for one in known)} of {len(known)} judgements say right",
            measures={
                "confidence": Measure(value=confidence, unit="%", better=None),
                "unreadable judgements": unread,
            },
        )
