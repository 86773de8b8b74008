"""The evaluator ``f1``: how many words answer and reference share."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from attrs import frozen

from aisbench.api import Answer, Measure, Sample, Score, Verdict, setting
from aisbench_plugin_text.normal import squad, tokens, words
from aisbench_plugin_text.peeling import forms
from aisbench_plugin_text.references import references


@frozen
class F1Settings:
    """How words are compared."""

    normalise: Literal["words", "squad"] = setting(
        default="words",
        help="words: case, width, articles and punctuation do not count, numbers stay whole, and "
        "scripts without blanks are compared by character; squad: as SQuAD's authors compare, "
        "to the letter, F1 and exact match",
    )


def squad_f1(answer: str, reference: str) -> float:
    """F1 of the words as SQuAD's ``evaluate-v2.0.py`` computes it; 0..1."""
    return _shared(squad(answer).split(), squad(reference).split())


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of precision and recall of the words, as bags; 0..1.

    ``2 p r / (p + r)`` of the SQuAD 1.1 evaluation (P. Rajpurkar et al. 2016, arXiv:1606.05250),
    with characters for words in scripts without blanks; two empty texts are alike.
    """
    return _shared(tokens(words(answer)), tokens(words(reference)))


def _shared(given: list[str], wanted: list[str]) -> float:
    if not given or not wanted:
        return float(given == wanted)
    same = sum((Counter(given) & Counter(wanted)).values())
    return 2 * same / (len(given) + len(wanted))


class F1Evaluator:
    """The best F1 over the references; the exact match is a measure beside it."""

    def __init__(self, settings: F1Settings) -> None:
        self._squad = settings.normalise == "squad"

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        text = answer.text
        wanted = references(sample)
        if not text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
        if self._squad:
            value = max(squad_f1(text, one) for one in wanted)
            exact = squad(text) in map(squad, wanted)
        else:
            value = max(token_f1(text, one) for one in wanted)
            own = set(forms(text))
            exact = any(not own.isdisjoint(forms(one)) for one in wanted)
        return Score(
            value=value,
            verdict=Verdict.GRADED,
            extracted=text.strip(),
            measures={
                "f1": Measure(value=100 * value, unit="%"),
                "exact match": Measure(value=100.0 * exact, unit="%"),
            },
        )
