"""GAOKAO-Bench's objective questions (X. Zhang et al. 2023, arXiv:2305.12474): what is read out of
an answer, and the points that the exam gives for it (Bench/bench_function.py and
OBJ_score_evaluation.py of OpenLMLab/GAOKAO-Bench)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict
from aisbench.data import read_table

_MARKED = re.compile(r"【答案】[\s:：]*([A-Z])")
_SEVERAL = (
    "Chinese_Modern_Lit", "English_Fill_in_Blanks", "Geography_MCQs", "English_Reading_Comp",
    "Chinese_Lang_and_Usage_MCQs",
)  # fmt: skip
"""Questions of several parts with a letter each."""


def rows(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a subject: ``question``, ``answers`` (a letter, or several, for each part of
    it), ``score`` (the points of each part). The key is called answer in some releases and
    standard_answer in others. Raises DataError with file and row."""
    key = "example" if file.suffixes[-1:] == [".json"] else ""
    for row in read_table(file, records=key):
        answers = row.cells.get("standard_answer", row.cells.get("answer"))
        if not isinstance(answers, list) or not answers:
            raise DataError(f"{row.place} has no list of answers (standard_answer or answer)")
        yield {**row.cells, "question": str(row.cells["question"]).strip(), "answers": answers}


def read(text: str, part: str, count: int) -> Sequence[str]:
    """The letters that an answer gives, by the kind of the subject's questions."""
    if "Physics" in part:
        text = re.sub(r"\s+", "", text)
        place = text.find("【答案】")
        letters = "".join(re.findall("[A-D]", text[place:] if place > 0 else text[-10:]))
        return [letters] if letters else []
    if "English_Cloze_Test" in part:
        return re.findall("[A-G]", text)[:5]
    if part.endswith(_SEVERAL):
        marked = _MARKED.findall(text)
        return marked if len(marked) == count else re.findall("[A-Z]", text)[:count]
    return re.findall("[A-D]", text)[-1:]


def points(said: Sequence[str], wanted: Sequence[str], part: str) -> float:
    """The share of the points, in 0..1. In physics half of them are for some of several right
    letters and no wrong one; another number of letters than asked counts as none."""
    if len(said) != len(wanted):
        return 0.0
    if "Physics" in part:
        shares = [
            1.0 if one == other else 0.5 if set(one) <= set(other) else 0.0
            for one, other in zip(said, wanted, strict=True)
        ]
        return sum(shares) / len(wanted)
    return sum(one == other for one, other in zip(said, wanted, strict=True)) / len(wanted)


def score(sample: Sample, answer: Answer) -> Score:
    """The share of the points; the measure weighs each row by its points, as the exam does."""
    wanted: Any = sample.fields["answers"]
    each: Any = sample.fields["score"]
    said = read(answer.text, sample.part, len(wanted))
    share = points(said, wanted, sample.part)
    verdict = {1.0: Verdict.RIGHT, 0.0: Verdict.WRONG}.get(share, Verdict.GRADED)
    return Score(
        value=share,
        verdict=verdict if said else Verdict.UNPARSED,
        extracted=" ".join(said) if said else None,
        reason="" if said else "no letter in it",
        measures={
            "points": Measure(value=100 * share, unit="%", weight=float(each) * len(wanted))
        },
    )
