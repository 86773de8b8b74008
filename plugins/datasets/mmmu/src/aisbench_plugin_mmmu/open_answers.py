"""The evaluator ``mmmu-open``: short answers in words or numbers, without options.

Comparison after ``parse_open_response`` and ``eval_open`` of ``mmmu/utils/eval_utils.py`` in
github.com/MMMU-Benchmark/MMMU (X. Yue et al. 2024, arXiv:2311.16502): a reference in words is
right where the answer contains it, without regard to case; a number where the answer holds the
same one, both rounded to two decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aisbench.answers import SURE, Act, Kind, WrittenAnswer, question_of
from aisbench.api import Answer, DataError, Reading, Sample, Score
from aisbench_plugin_mmmu.settings import OpenSettings

_BEFORE = ("could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ")
_NUMBERS = (
    re.compile(r"-?\b\d{1,3}(?:,\d{3})+\b"),
    re.compile(r"-?\d+(?:\.\d+)?[eE][+-]?\d+"),
    re.compile(r"-?(?:\d+\.\d+|\.\d+|\d+\b)(?![eE][+-]?\d+)(?![,\d])"),
)
Value = str | float


class OpenAnswers:
    """Right where one of the references is in what the answer says."""

    def __init__(self, settings: OpenSettings) -> None:
        self._rule = settings.open_rule

    def check(self, sample: Sample) -> None:
        """Raises DataError for a reference that is neither a text nor a list of texts."""
        if sample.target is not None:
            _references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for a reference that cannot be compared."""
        text = answer.text
        said = stated(text, question_of(sample))
        if sample.target is None:
            own = Reading(value=0.0, extracted=said or text.strip() or None)
            return Score.of_reading(own, right_is_known=False)
        references = _references(sample)
        authors = _reading(key_responses(text), references)
        own = authors if said is None else _reading([said.lower()], references)
        readings = {"authors": authors, "stated": own, "aisbench": _aisbench(text, sample)}
        chosen = readings.pop(self._rule)
        how = (
            "marked as the answer" if said is not None and self._rule == "stated" else "all of it"
        )
        return Score.of_reading(
            chosen, reason=how if chosen.extracted else "nothing is said", readings=readings
        )


def _aisbench(text: str, sample: Sample) -> Reading:
    """After ``_extract_mmmu_open_prediction`` of ``ais_bench/benchmark/datasets/mmmu.py`` in
    github.com/AISBench/benchmark: of several references only their list as a text is right."""
    found = re.search(r"ANSWER:\s*(.*)", text)
    said = (found[1] if found else text).strip()
    right = said.lower() == str(sample.target).strip().lower()
    return Reading(value=float(right), extracted=said[-200:] or None)


def stated(text: str, question: str) -> str | None:
    """What the last marked statement says; None where none is marked, or it is taken back."""
    answer = WrittenAnswer.read(text, question=question)
    for one in answer.backwards():
        if one.act is Act.RETRACTS:
            return None
        if one.act is not Act.TELLS:
            continue
        if any(mark.kind in (Kind.BOX, Kind.TAG) for mark in one.marks):
            return one.text.strip() or None
        sure = [mark for mark in one.marks if mark.kind in SURE]
        if sure and (said := one.text[sure[-1].end :].strip(" .*\t")):
            return said
    return None


def key_responses(text: str) -> list[str]:
    """In lower case the end of each line that has a word such as "is": the shortest. The whole
    text where no line has one."""
    whole = text.strip().strip(".").lower()
    lines = whole.split("\n")
    found = []
    for number, line in enumerate(lines, 1):
        words = (*_BEFORE, "=") if number == len(lines) else _BEFORE
        shortest = ""
        for word in words:
            if word in line:
                tail = line.split(word)[-1].strip()
                if not shortest or len(tail) < len(shortest):
                    shortest = tail
        if shortest and shortest not in (":", ",", ".", "!", "?", ";", "'"):
            found.append(shortest)
    return found or ([whole] if whole else [])


def normalised(text: str) -> list[Value]:
    """A number rounded to two decimals; else the text in lower case, one character with a blank
    before or after it."""
    text = text.strip()
    try:
        return [round(float(text.replace(",", "")), 2)]
    except ValueError:
        text = text.lower()
    return [f" {text}", f"{text} "] if len(text) == 1 else [text]


LONGEST = 2000
"""Characters of a line that are compared, from its end: numbers are searched in each."""


def _values(said: Sequence[str]) -> Iterator[Value]:
    for one in (line[-LONGEST:] for line in said):
        yield from normalised(one)
        for pattern in _NUMBERS:
            for number in pattern.findall(one):
                yield from normalised(number)


def _reading(said: Sequence[str], references: Sequence[Value]) -> Reading:
    """``extracted`` is the reference that the answer has, or else the end of what it says."""
    words = [one for one in references if isinstance(one, str)]
    for value in _values(said):
        if isinstance(value, str):
            if held := next((one for one in words if one in value), None):
                return Reading(value=1.0, extracted=held.strip())
        elif value in references:
            return Reading(value=1.0, extracted=str(value))
    return Reading(value=0.0, extracted=said[-1][-200:] if said else None)


def _references(sample: Sample) -> list[Value]:
    target = sample.target
    several = target if isinstance(target, (list, tuple)) else [target]
    if not several or not all(isinstance(one, (str, int, float)) for one in several):
        raise DataError(
            f"sample {sample.id}: the reference {target!r:.60} is no text, number or list of them",
            hint="name the column of references as columns.answer",
        )
    return [value for one in several for value in normalised(str(one))]
