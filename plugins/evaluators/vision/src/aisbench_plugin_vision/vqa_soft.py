"""The evaluator ``vqa-soft``: how many people would have answered so.

A. Agrawal et al., "VQA: Visual Question Answering", 2015 (arXiv:1505.00468). An answer is compared
with those of all annotators but one, each left out in turn, and scores min(1, n/3) where n of the
others say it; the score is the mean. Of ten annotators one gives 0.3, two 0.6, three 0.9, four 1.
"""

from __future__ import annotations

from statistics import fmean

from attrs import frozen

from aisbench.api import Answer, DataError, Measure, Sample, Score, Verdict, setting
from aisbench_plugin_vision.references import reference_texts
from aisbench_plugin_vision.vqa_words import Dialect, normalised, without_marks

FEWEST = 4
"""Annotators without whom no answer could be wholly right: three others must say it."""


@frozen
class VqaSoftSettings:
    """How answers are made comparable."""

    dialect: Dialect = setting(
        default="mmf",
        help="whose normalisation: mmf is that of TextVQA's authors, and of lmms-eval; vlmevalkit "
        'keeps the full stop of "3."; official is VQA\'s own code as Qwen-VL has it, where '
        "references are never lower-cased and lose their punctuation only if they differ",
    )


class VqaSoft:
    """The mean over the annotators left out in turn."""

    def __init__(self, settings: VqaSoftSettings) -> None:
        self._dialect = settings.dialect

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has too few annotators' answers."""
        _annotated(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has too few annotators' answers."""
        wanted = self._wanted(_annotated(sample))
        if not answer.text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        own = normalised(answer.text, self._dialect)
        same = [one == own for one in wanted]
        value = soft_accuracy(same)
        return Score(
            value=value,
            verdict=Verdict.GRADED,
            extracted=own,
            measures={
                "min(n/3, 1)": Measure(value=100 * min(1.0, sum(same) / 3), unit="%"),
                "any annotator": Measure(value=100.0 * any(same), unit="%"),
            },
        )

    def _wanted(self, texts: list[str]) -> list[str]:
        if self._dialect != "official":
            return [normalised(one, self._dialect) for one in texts]
        if len(set(texts)) == 1:
            return texts
        return [without_marks(one, self._dialect) for one in texts]


def soft_accuracy(same: list[bool]) -> float:
    """0..1, of whether each annotator gave the answer."""
    count = sum(same)
    return fmean(min(1.0, (count - one) / 3) for one in same)


def _annotated(sample: Sample) -> list[str]:
    texts = reference_texts(sample)
    if len(texts) < FEWEST:
        raise DataError(
            f"sample {sample.id} has {len(texts)} annotators' answers, and vqa-soft needs "
            f"{FEWEST}: three others must give an answer that is wholly right",
            hint="the reference is a list with the answer of each annotator, doubles too; of "
            'fewer, use evaluator = "exact" or "anls"',
        )
    return texts
