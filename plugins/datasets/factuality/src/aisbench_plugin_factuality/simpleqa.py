"""SimpleQA's grader, J. Wei et al. 2024 (arXiv:2411.04368): correct, incorrect, or not attempted.

The authors take the first letter A, B or C of what the judge says, so that "CORRECT" spelt out is
its C, not attempted, and "As an AI" is correct. Here a judge may say the letter or the word, in a
line of its own, at the beginning, or as its grade; what is none of these is unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from aisbench.api import Answer, Measure, Prompt, Response, Sample, Score, Verdict
from aisbench_plugin_factuality.grader import Grader, most, unreadable
from aisbench_plugin_factuality.settings import GraderSettings

_WORD = r"NOT[ _]ATTEMPTED|INCORRECT|CORRECT"
_MARKS = r"[\W_]{0,20}"
_SAYING = (
    r"(?:(?:the|my|final)\W{1,3}){0,2}"
    r"(?:grade|answer|verdict|option|label|rating|result|judge?ment)(?:\W{1,3}is)?"
    r"|评分|评级|等级|答案|结果"
)
_ALONE = re.compile(
    rf"^{_MARKS}(?:(?:{_SAYING}){_MARKS})?(?:\\boxed{_MARKS})?"
    rf"(?:([ABC])(?:[\W_]{{1,20}}({_WORD}))?|({_WORD})){_MARKS}$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that is a grade and nothing else."""
_FIRST = re.compile(rf"{_MARKS}(?:([ABC])[*_]*\s*[.:)]|((?i:{_WORD}))[*_]*[.,:;!])")
"""A grade with which a judge begins, before it explains."""
_WITHIN = re.compile(
    rf"\b(?i:grade|verdict)(?i:\W{{1,3}}is|\W{{0,3}}[:：])\W{{0,5}}([ABC])\b"
    rf"|(?<![\w'])(?<!(?i:not) )(?<!(?i:n't) )({_WORD})(?!\w)"
    rf"|\b(?i:answer|response|it)\s(?i:is|was)\s((?i:{_WORD}))(?!\w)"
    r"|[.:]\s\W{0,3}([ABC])\W{0,3}\Z"
)
"""A grade in a sentence: behind the word grade, in capitals, of the answer, or at the end."""
_WORDS = {"CORRECT": "A", "INCORRECT": "B", "NOT ATTEMPTED": "C"}
_NAMES = {"A": "correct", "B": "incorrect", "C": "not attempted"}

_BETTER: Mapping[str, Literal["up", "down"] | None] = {"A": "up", "B": "down", "C": None}


def grade(text: str) -> str | None:
    """A, B or C in a judge's words; None where it says none, or several that differ."""
    first = _FIRST.match(text)
    found = [*_ALONE.findall(text), *([first.groups()] if first else [])]
    said = {_letter(one) for groups in found or _WITHIN.findall(text) for one in groups if one}
    return said.pop() if len(said) == 1 else None


def _letter(said: str) -> str:
    word = said.upper().replace("_", " ")
    return _WORDS.get(word, word)


class SimpleQaGrader(Grader):
    """Right when the grade is A. The paper's figures are measures: correct, incorrect and not
    attempted of all, correct given attempted, and F1, the harmonic mean of the first and it."""

    def __init__(self, settings: GraderSettings) -> None:
        super().__init__(settings, "simpleqa_grader.txt")

    def questions(self, sample: Sample, answer: Answer, rival: Answer | None) -> Sequence[Prompt]:
        """One. Raises DataError without a reference."""
        return self._asked(sample, answer, "question", "target", "predicted_answer")

    def conclude(
        self, sample: Sample, answer: Answer, judgements: Sequence[Sequence[Response]]
    ) -> Score:
        """The grade that most judgements give."""
        said = [grade(responses[0].text) for responses in judgements]
        known = [one for one in said if one is not None]
        share = 100 * (1 - len(known) / len(said))
        unread = Measure(value=share, unit="%", weight=len(said), better="down")
        letter = most(known)
        if letter is None:
            why = "judgements are split" if known else "no judgement holds a grade"
            return unreadable(why, unread)
        attempted, right = letter != "C", letter == "A"
        measures = {
            name: Measure(value=100.0 * (letter == one), unit="%", better=_BETTER[one])
            for one, name in _NAMES.items()
        }
        if attempted:
            measures["correct given attempted"] = Measure(value=100.0 * right, unit="%")
        # 2 c / (attempted + n) is the harmonic mean of c / attempted and c / n: a mean of shares
        # that weigh as much as a row adds to its denominator.
        weight = 1 + attempted
        measures["F1"] = Measure(value=200 * right / weight, unit="%", weight=weight)
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=_NAMES[letter],
            reason="" if right else _NAMES[letter],
            measures={**measures, "unreadable judgements": unread},
        )
