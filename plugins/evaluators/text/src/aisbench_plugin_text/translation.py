"""The evaluators ``bleu`` and ``chrf``, on sacrebleu, and their figures over a whole set.

A corpus score is not a mean of sentence scores: each answer keeps the counts that it is made of
(M. Post, "A Call for Clarity in Reporting BLEU Scores", 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from attrs import frozen

from aisbench.api import Answer, Figure, Measure, Sample, Score, ScoreGroup, Verdict, setting
from aisbench_plugin_text.references import references

COUNT = "count:"
"""Measures that begin so are counts for a corpus score."""


@frozen
class BleuSettings:
    """What words are."""

    tokenize: Literal["13a", "intl", "zh", "char", "none"] = setting(
        default="13a", help="sacrebleu's tokenizer: 13a for most languages, zh for Chinese"
    )


class _Translation:
    """What both have in common: ``metric`` is sacrebleu's object."""

    metric: Any

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no reference text."""
        references(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no reference text."""
        text = answer.text
        wanted = references(sample)
        # sacrebleu has no public way to the counts of one sentence; its corpus score is made of
        # these two steps, and a test compares the sum with it.
        (counts,) = self.metric._extract_corpus_statistics([text], [[one] for one in wanted])
        value = self.metric._compute_score_from_stats(counts).score
        return Score(
            value=min(1.0, value / 100),
            verdict=Verdict.GRADED if text.strip() else Verdict.UNPARSED,
            extracted=text.strip() or None,
            measures={
                f"{COUNT}{place}": Measure(value=float(one), better=None)
                for place, one in enumerate(counts)
            },
        )


class BleuEvaluator(_Translation):
    """BLEU of one answer (with effective order); the metric ``corpus-bleu`` is the usual one."""

    def __init__(self, settings: BleuSettings) -> None:
        from sacrebleu.metrics.bleu import BLEU

        self.metric = BLEU(tokenize=settings.tokenize, effective_order=True)


class ChrfEvaluator(_Translation):
    """chrF2 of one answer (M. Popovic 2015); the metric ``corpus-chrf`` is the usual one."""

    def __init__(self) -> None:
        from sacrebleu.metrics.chrf import CHRF

        self.metric = CHRF()


def _pooled(groups: Sequence[ScoreGroup], name: str) -> list[float]:
    rows = [
        [measure.value for key, measure in score.measures.items() if key.startswith(COUNT)]
        for group in groups
        for score in group.scores
    ]
    known = [row for row in rows if row]
    if not known:
        raise ValueError(f'{name} needs the evaluator "{name.rpartition("-")[2]}"')
    return [sum(column) for column in zip(*known, strict=True)]


class CorpusBleu:
    """BLEU over all answers, 0..100 (K. Papineni et al. 2002), of the pooled counts."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError when the answers were not scored by ``bleu``."""
        from sacrebleu.metrics.bleu import BLEU

        counts = [int(one) for one in _pooled(groups, "corpus-bleu")]
        value = BLEU()._compute_score_from_stats(counts).score
        return [Figure(name="corpus-bleu", value=value, unit="", n=len(groups), better="up")]


class CorpusChrf:
    """chrF2 over all answers, 0..100, of the pooled counts."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError when the answers were not scored by ``chrf``."""
        from sacrebleu.metrics.chrf import CHRF

        counts = [int(one) for one in _pooled(groups, "corpus-chrf")]
        value = CHRF()._compute_score_from_stats(counts).score
        return [Figure(name="corpus-chrf", value=value, unit="", n=len(groups), better="up")]
