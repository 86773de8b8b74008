"""measures: the mean of every number that an evaluator takes of answers."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt

from attrs import evolve

from aisbench.api import Figure, Measure, Score, ScoreGroup, Verdict, student_t
from aisbench_plugin_repeats.figures import fewest_scores

_WITHOUT = frozenset(Verdict) - {Verdict.RIGHT, Verdict.WRONG, Verdict.GRADED}
"""Outcomes of which an evaluator may know nothing to measure."""


class Measures:
    """One figure for each measure: ``sum(value * weight) / sum(weight)`` over all answers.

    The interval is that of a ratio of means over samples (linearised; W. Cochran, "Sampling
    Techniques", 3rd ed. 1977, section 6.4), with Student's t. An answer without the measure,
    such as a failed one, counts 0 with the mean weight where more is better, and is left out
    where less is. Parts whose answers were scored without the measure are left out, too: they have
    another evaluator, which takes none.
    """

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """No figure when nothing was answered. Raises ValueError when no answer at all has a
        measure."""
        fewest_scores(groups)
        known: dict[str, Measure] = {}
        for group in groups:
            for score in group.scores:
                for name, measure in score.measures.items():
                    known.setdefault(name, measure)
        if not known and any(
            score.verdict not in _WITHOUT for group in groups for score in group.scores
        ):
            raise ValueError("no answer has a measure: the evaluator takes none")
        return [_figure(name, one, _taking(name, groups)) for name, one in known.items()]


def _taking(name: str, groups: Sequence[ScoreGroup]) -> Sequence[ScoreGroup]:
    """Those of parts whose evaluator takes the measure, as far as answers tell."""
    others: set[str] = set()
    taking: set[str] = set()
    for group in groups:
        for score in group.scores:
            if name in score.measures:
                taking.add(group.part)
            elif score.verdict not in _WITHOUT:
                others.add(group.part)
    others -= taking
    return [one for one in groups if one.part not in others] if others else groups


def _figure(name: str, like: Measure, groups: Sequence[ScoreGroup]) -> Figure:
    pairs = _pairs(name, like, groups)
    total = fsum(weight for _, weight in pairs)
    value = fsum(part for part, _ in pairs) / total if total else 0.0
    n = len(pairs)
    known = Figure(name=name, value=value, unit=like.unit, n=n, better=like.better)
    if n < 2 or not total:
        return known
    spread = fsum((part - value * weight) ** 2 for part, weight in pairs) / (n - 1)
    stderr = sqrt(spread * n) / total
    reach = student_t(n - 1) * stderr
    return evolve(
        known,
        stderr=stderr,
        low=_inside(value - reach, like.unit),
        high=_inside(value + reach, like.unit),
        method="t, ratio of means",
    )


def _pairs(name: str, like: Measure, groups: Sequence[ScoreGroup]) -> list[tuple[float, float]]:
    """Of each sample the sum of its weighted values and the sum of their weights."""
    weights = []
    parts = set()
    for group in groups:
        found = [one.measures[name].weight for one in group.scores if name in one.measures]
        weights += found
        if found:
            parts.add(group.part)
    usual = fsum(weights) / len(weights)
    pairs = []
    for group in groups:
        counts = like.better != "down" and group.part in parts
        lost = (0.0, usual) if counts else None
        each = [pair for score in group.scores if (pair := _pair(score, name, lost))]
        if each:
            pairs.append((fsum(v * w for v, w in each), fsum(w for _, w in each)))
    return pairs


def _pair(score: Score, name: str, lost: tuple[float, float] | None) -> tuple[float, float] | None:
    """Value and weight; ``lost`` of an answer that the evaluator could not measure."""
    own = score.measures.get(name)
    if own is not None:
        return own.value, own.weight
    return lost if score.verdict in _WITHOUT else None


def _inside(value: float, unit: str) -> float:
    return min(100.0, max(0.0, value)) if unit == "%" else value
