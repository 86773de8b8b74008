"""The evaluators ``bleu`` and ``chrf``, on sacrebleu, and their figures over a whole set.

A corpus score is not a mean of sentence scores: each answer keeps the counts that it is made of
(M. Post, "A Call for Clarity in Reporting BLEU Scores", 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from attrs import frozen

from aisbench.api import (
    AisbenchError,
    Answer,
    Figure,
    Measure,
    Sample,
    Score,
    ScoreGroup,
    Verdict,
    between,
    setting,
)
from aisbench_plugin_text.references import references

COUNT = "count:"
"""Measures that begin so are counts for a corpus score."""
_SCORED = (Verdict.RIGHT, Verdict.WRONG, Verdict.GRADED)
"""Outcomes of answers that an evaluator has scored."""


@frozen
class BleuSettings:
    """What words are."""

    tokenize: Literal["13a", "intl", "zh", "char", "none", "flores101", "flores200"] = setting(
        default="13a",
        help="sacrebleu's tokenizer: 13a for most languages, zh for Chinese; flores101 and "
        "flores200: pieces of SentencePiece for all languages of FLORES (spBLEU)",
    )


@frozen
class ChrfSettings:
    """What is counted beside characters."""

    word_order: int = setting(
        default=0,
        check=between(0, 4),
        help="longest n-grams of words: 0 is chrF2, 2 is chrF2++",
        example=2,
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
    """BLEU of one answer (with effective order); the metric ``corpus-bleu`` is the usual one.

    Raises AisbenchError when the tokenizer or its model is not here.
    """

    def __init__(self, settings: BleuSettings) -> None:
        from sacrebleu.metrics.bleu import BLEU

        try:
            self.metric = BLEU(tokenize=settings.tokenize, effective_order=True)
        except (ImportError, RuntimeError, OSError) as error:
            raise AisbenchError(
                f"bleu: sacrebleu's tokenizer {settings.tokenize!r} cannot be used: {error}",
                hint='it needs sentencepiece (pip install "aisbench-plugin-text[flores]") and a '
                "model that sacrebleu fetches once into ~/.sacrebleu/models; without a "
                "connection, copy that folder, or name another with the variable SACREBLEU",
            ) from error


class ChrfEvaluator(_Translation):
    """chrF2 of one answer (M. Popovic 2015; chrF2++ with words: 2017); the metric ``corpus-chrf``
    is the usual one."""

    def __init__(self, settings: ChrfSettings) -> None:
        from sacrebleu.metrics.chrf import CHRF

        self.metric = CHRF(word_order=settings.word_order)


def _pooled(groups: Sequence[ScoreGroup], name: str) -> list[float]:
    rows = [
        [measure.value for key, measure in score.measures.items() if key.startswith(COUNT)]
        for group in groups
        for score in group.scores
    ]
    known = [row for row in rows if row]
    if not known:
        if not any(score.verdict in _SCORED for group in groups for score in group.scores):
            return []
        raise ValueError(f'{name} needs the evaluator "{name.rpartition("-")[2]}"')
    return [sum(column) for column in zip(*known, strict=True)]


class CorpusBleu:
    """BLEU over all answers, 0..100 (K. Papineni et al. 2002), of the pooled counts."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """None where no answer was scored. Raises ValueError when others than ``bleu`` did."""
        from sacrebleu.metrics.bleu import BLEU

        counts = [int(one) for one in _pooled(groups, "corpus-bleu")]
        if not counts:
            return []
        value = BLEU()._compute_score_from_stats(counts).score
        return [Figure(name="corpus-bleu", value=value, unit="", n=len(groups), better="up")]


class CorpusChrf:
    """chrF2 over all answers, 0..100, of the pooled counts; chrF2++ where words were counted."""

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """None where no answer was scored. Raises ValueError when others than ``chrf`` did."""
        from sacrebleu.metrics.chrf import CHRF

        counts = [int(one) for one in _pooled(groups, "corpus-chrf")]
        if not counts:
            return []
        # Three counts (answer, reference, both) for each order of characters, then of words.
        words = len(counts) // 3 - CHRF.CHAR_ORDER
        value = CHRF(word_order=words)._compute_score_from_stats(counts).score
        method = "chrF2" + "+" * words
        return [
            Figure(
                name="corpus-chrf", value=value, unit="", n=len(groups), better="up", method=method
            )
        ]
