"""The metrics ``spearman`` and ``pearson`` of the evaluator similarity."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aisbench.api import Figure, ScoreGroup

_Z = 1.959963984540054


class Pearson:
    """The correlation itself."""

    name = "pearson"

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with fewer than two pairs, and where all of a side are equal."""
        pairs = pairs_of(groups)
        one, other = zip(*pairs, strict=True)
        value = self.correlation(one, other)
        if math.isnan(value):
            raise ValueError("all references, or all likenesses, are equal: nothing correlates")
        low, high = interval(value, len(pairs))
        return [
            Figure(
                name=self.name,
                value=value,
                unit="",
                n=len(pairs),
                better="up",
                low=low,
                high=high,
                method="Fisher's z" if low is not None else "",
            )
        ]

    def correlation(self, one: Sequence[float], other: Sequence[float]) -> float:
        """-1..1; NaN where a side does not vary."""
        return pearson(one, other)


class Spearman(Pearson):
    """The correlation of the ranks, those of equal values shared (C. Spearman 1904), as
    scipy.stats.spearmanr has it."""

    name = "spearman"

    def correlation(self, one: Sequence[float], other: Sequence[float]) -> float:
        return pearson(ranks(one), ranks(other))


def pairs_of(groups: Sequence[ScoreGroup]) -> list[tuple[float, float]]:
    """Likeness and reference of each pair, a mean over repeats. Answers without them, such as
    failed ones, are in no correlation. Raises ValueError with fewer than two."""
    found = []
    for group in groups:
        known = [
            (float(score.details["likeness"]), float(score.details["reference"]))  # type: ignore[arg-type]
            for score in group.scores
            if "likeness" in score.details and "reference" in score.details
        ]
        if known:
            found.append((math.fsum(one for one, _ in known) / len(known), known[0][1]))
    if len(found) < 2:
        raise ValueError(f"a correlation needs two pairs with vectors, and there are {len(found)}")
    return found


def pearson(one: Sequence[float], other: Sequence[float]) -> float:
    """-1..1; NaN where a side does not vary."""
    mean_one, mean_other = math.fsum(one) / len(one), math.fsum(other) / len(other)
    first = [value - mean_one for value in one]
    second = [value - mean_other for value in other]
    below = math.hypot(*first) * math.hypot(*second)
    if not below:
        return math.nan
    above = math.fsum(a * b for a, b in zip(first, second, strict=True))
    return max(-1.0, min(1.0, above / below))


def ranks(values: Sequence[float]) -> list[float]:
    """From 1; equal values have the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end + 1 < len(order) and values[order[end + 1]] == values[order[begin]]:
            end += 1
        for place in order[begin : end + 1]:
            found[place] = (begin + end) / 2 + 1
        begin = end + 1
    return found


def interval(value: float, n: int) -> tuple[float | None, float | None]:
    """95 % by Fisher's z, with the variance (1 + r^2 / 2) / (n - 3) of D. Bonett and T. Wright,
    "Sample size requirements for estimating Pearson, Kendall and Spearman correlations" (2000)."""
    if n < 4 or abs(value) > 1 - 1e-9:
        return None, None
    middle = math.atanh(value)
    half = _Z * math.sqrt((1 + value * value / 2) / (n - 3))
    return math.tanh(middle - half), math.tanh(middle + half)
