"""The evaluator ``mathvista``: the authors' comparison of an extracted answer.

After ``evaluation/calculate_score.py`` of github.com/lupantech/MathVista (P. Lu et al. 2024,
arXiv:2310.02255). The authors have GPT-4 extract a short answer beforehand; here it is what is
marked as the answer, or else the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_uppercase

from aisbench.answers import SURE, Act, Kind, WrittenAnswer, question_of
from aisbench.api import Answer, DataError, Reading, Sample, Score


class MathVistaEvaluator:
    """Options by their letter or else by the nearest text, so that no answer is without one;
    integers cut, decimals rounded to the row's precision, lists as texts."""

    def check(self, sample: Sample) -> None:
        """Raises DataError for a reference that is none."""
        if sample.target is None:
            raise DataError(f"sample {sample.id} has no reference")

    def score(self, sample: Sample, answer: Answer) -> Score:
        """The reference may be a letter, a list of letters, or a text."""
        said = extraction(answer.text, question_of(sample))
        options = sample.fields.get("choices")
        if isinstance(options, (list, tuple)) and options:
            letter = chosen(said, [str(one) for one in options])
            right = letter in (
                sample.target if isinstance(sample.target, (list, tuple)) else [sample.target]
            )
            return Score.of_reading(Reading(value=float(right), extracted=letter))
        value = normalised(
            said, str(sample.fields.get("answer_type")), sample.fields.get("precision")
        )
        reading = Reading(value=float(value == str(sample.target)), extracted=value)
        return Score.of_reading(reading, reason="" if value else "no number is said")


def extraction(text: str, question: str) -> str:
    """What is marked as the answer; else the whole text."""
    for one in WrittenAnswer.read(text, question=question).backwards():
        if one.act is not Act.TELLS:
            break
        if any(mark.kind in (Kind.BOX, Kind.TAG) for mark in one.marks):
            return one.text.strip()
        sure = [mark for mark in one.marks if mark.kind in SURE]
        if sure and (said := one.text[sure[-1].end :].strip(" .*\t")):
            return said
    return text.strip()


def chosen(said: str, options: Sequence[str]) -> str:
    """The letter of an option: that in brackets, that which is all, or that of the option whose
    text is nearest in Levenshtein's distance (the first of several)."""
    bracketed = re.findall(r"\(([a-zA-Z])\)", said)
    if bracketed:
        said = bracketed[0].upper()
    letters = ascii_uppercase[: len(options)]
    if len(said) == 1 and said in letters:
        return said
    distances = [_distance(said, one) for one in options]
    return letters[distances.index(min(distances))]


def normalised(said: str, kind: str, precision: object) -> str | None:
    """An open answer as references are written; None where it is none."""
    if kind == "list":
        return said
    try:
        value = float(said)
        if kind == "integer":
            return str(int(value))
        return str(round(value, precision if isinstance(precision, int) else 0))
    except (ValueError, OverflowError):
        return None


def _distance(one: str, other: str) -> int:
    """Insertions, deletions and replacements from one text to the other."""
    row = list(range(len(other) + 1))
    for number, own in enumerate(one, 1):
        before, row[0] = row[0], number
        for at, letter in enumerate(other, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (own != letter))
    return row[-1]
