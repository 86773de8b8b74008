"""Measures of ranked lists, by the formulas of trec_eval 9 (https://github.com/usnistgov/trec_eval).

All are 0..1. ``grades`` are those of the documents in their order, 0 where none was given;
``ideal`` all grades of the query above 0. Grades below 0 count as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum, log2

from aisbench.api import Measure, Score, Verdict

RELEVANT = 1
"""The least grade of a document that is relevant (trec_eval's ``-l``)."""
MAIN = 10
"""The cut of the measure that is the score, as BEIR and MTEB report it."""


def ndcg(grades: Sequence[float], ideal: Sequence[float], cut: int) -> float:
    """``ndcg_cut``: the gain is the grade itself, discounted by log2(rank + 1)."""
    best = _gain(sorted(ideal, reverse=True), cut)
    return _gain(grades, cut) / best if best else 0.0


def _gain(grades: Sequence[float], cut: int) -> float:
    return fsum(grade / log2(rank + 1) for rank, grade in enumerate(grades[:cut], 1) if grade > 0)


def average_precision(grades: Sequence[float], relevant: int, cut: int) -> float:
    """``map_cut``: the precisions at the relevant documents, divided by all relevant ones."""
    found, precisions = 0, []
    for rank, grade in enumerate(grades[:cut], 1):
        if grade >= RELEVANT:
            found += 1
            precisions.append(found / rank)
    return fsum(precisions) / relevant if relevant else 0.0


def recall(grades: Sequence[float], relevant: int, cut: int) -> float:
    """``recall``: the share of the relevant documents."""
    found = sum(grade >= RELEVANT for grade in grades[:cut])
    return found / relevant if relevant else 0.0


def reciprocal_rank(grades: Sequence[float], cut: int) -> float:
    """``recip_rank``, of a list that is cut (MRR@k): 1 / rank of the first relevant document."""
    return next((1 / rank for rank, one in enumerate(grades[:cut], 1) if one >= RELEVANT), 0.0)


def in_order(scores: Mapping[str, float]) -> list[str]:
    """The documents by falling score; of equal ones that whose id comes later, as trec_eval has
    it, stands first."""
    return sorted(scores, key=lambda name: (scores[name], name), reverse=True)


def score_of(
    ranked: Sequence[str], judged: Mapping[str, float], cuts: Sequence[int], shown: str = ""
) -> Score:
    """The score of one query: nDCG@10, and all measures beside it, in per cent."""
    grades = [judged.get(name, 0.0) for name in ranked]
    ideal = [grade for grade in judged.values() if grade > 0]
    relevant = sum(grade >= RELEVANT for grade in ideal)
    measures = {}
    for cut in cuts:
        measures[f"ndcg@{cut}"] = ndcg(grades, ideal, cut)
        measures[f"map@{cut}"] = average_precision(grades, relevant, cut)
        measures[f"recall@{cut}"] = recall(grades, relevant, cut)
        measures[f"mrr@{cut}"] = reciprocal_rank(grades, cut)
    order = ("ndcg", "map", "recall", "mrr")
    named = sorted(measures, key=lambda name: order.index(name.partition("@")[0]))
    return Score(
        value=min(1.0, ndcg(grades, ideal, MAIN)),
        verdict=Verdict.GRADED,
        extracted=shown or ", ".join(ranked[:3]),
        measures={name: Measure(value=100 * measures[name], unit="%") for name in named},
    )
