"""The evaluator ``f1``: how many words answer and reference share."""

from __future__ import annotations

from collections import Counter

from aisbench.api import Answer, Measure, Sample, Score, Verdict
from aisbench_plugin_text.normal import tokens, words
from aisbench_plugin_text.peeling import forms
from aisbench_plugin_text.references import references


def token_f1(answer: str, reference: str) -> float:
    """Harmonic mean of precision and recall of the words, as bags; 0..1.

    ``2 p r / (p + r)`` of the SQuAD 1.1 evaluation (P. Rajpurkar et al. 2016, arXiv:1606.05250),
    with characters for words in scripts without blanks; two empty texts are alike.
    """
    given, wanted = tokens(words(answer)), tokens(words(reference))
    if not given or not wanted:
        return float(given == wanted)
    same = sum((Counter(given) & Counter(wanted)).values())
    return 2 * same / (len(given) + len(wanted))


class F1Evaluator:
    """The best F1 over the references; the exact match is a measure beside it."""

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        text = answer.text
        wanted = references(sample)
        if not text.strip():
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="the answer is empty")
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
