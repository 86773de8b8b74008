"""Differences between sides of repeated loads: the hierarchical bootstrap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from attrs import frozen

from aisbench_plugin_compare.sides.side import Floats
from aisbench_plugin_compare.statistics.load_draws import LoadSample, statistic, within
from aisbench_plugin_compare.statistics.normal import (
    normal_below,
    student_below,
    student_quantile,
)

DRAWS = 2_000
Basis = Literal["loads", "requests"]


@frozen(kw_only=True)
class LoadDifference:
    """A statistic of two sides: ``left`` and ``right`` are means over their loads.

    ``basis`` is "loads" where the spread between repeated loads is known, "requests" where each
    side has one load and only the spread within it is. ``smallest`` is the difference that would
    have been found with a chance of 80 %.
    """

    left: float
    right: float
    low: float
    high: float
    p: float
    smallest: float
    basis: Basis
    degrees: float

    @property
    def difference(self) -> float:
        return self.right - self.left


def compare_loads(
    left: Sequence[LoadSample],
    right: Sequence[LoadSample],
    which: float | None,
    seed: int,
    alpha: float = 0.05,
) -> LoadDifference:
    """The difference of the mean (``which`` None) or of a percentile, right less left.

    Draws take loads with replacement, then blocks of requests within each. With ``R`` loads a side
    the spread of such draws is not that of the mean of ``R`` loads: the loads' part is too small
    by ``(R-1)/R``, and that of requests is counted twice, since loads differ by it already (A.
    Davison and D. Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8). So the
    draws keep their shape, and are scaled to the variance between the statistics of loads, which
    holds both parts: ``s²/R`` of each side; ends are taken at Student's quantile, with ``2R - 2``
    degrees of freedom where the sides have as many loads (the pooled test, which few loads of
    unlike spread do little harm to), else with Welch's. Where one side alone has several loads,
    the other is taken to vary as much.

    With one load a side the draws are of requests alone, and the result is about these two loads.
    """
    rng = np.random.default_rng(seed)
    sides = (left, right)
    known = [np.array([statistic(one.values, which) for one in side]) for side in sides]
    drawn = [_draws(side, which, rng) for side in sides]
    means = [float(values.mean()) for values in known]
    draws = drawn[1] - drawn[0]
    if max(len(left), len(right)) == 1:
        degrees = float(min(left[0].blocks, right[0].blocks) - 1)
        stderr, basis = float(draws.std(ddof=1)), "requests"
        if degrees > 0:
            stderr *= math.sqrt((degrees + 1) / degrees)
    else:
        stderr, degrees = _between(known)
        basis = "loads"
    return _found(
        means, draws, stderr, degrees, "loads" if basis == "loads" else "requests", alpha
    )


def _draws(side: Sequence[LoadSample], which: float | None, rng: np.random.Generator) -> Floats:
    table = np.stack([within(one, which, DRAWS, rng) for one in side])
    if len(side) == 1:
        return np.asarray(table[0], dtype=np.float64)
    loads = rng.integers(0, len(side), (len(side), DRAWS))
    found: Floats = table[loads, np.arange(DRAWS)].mean(axis=0)
    return found


def _between(known: Sequence[Floats]) -> tuple[float, float]:
    """The standard error of the difference, and its degrees of freedom: Welch's are far too few
    for sides of three loads (2.0 % false alarms at 5 %), where the pooled ones are right."""
    spreads = [float(values.var(ddof=1)) if len(values) > 1 else None for values in known]
    (other,) = {one for one in spreads if one is not None} if None in spreads else (0.0,)
    parts = [
        (other if spread is None else spread) / len(values)
        for spread, values in zip(spreads, known, strict=True)
    ]
    total = sum(parts)
    if None in spreads:
        return math.sqrt(total), float(max(map(len, known)) - 1)
    if len(known[0]) == len(known[1]):
        return math.sqrt(total), float(2 * len(known[0]) - 2)
    below = sum(part * part / (len(values) - 1) for part, values in zip(parts, known, strict=True))
    return math.sqrt(total), total * total / below if below else math.inf


def _found(
    means: Sequence[float],
    draws: Floats,
    stderr: float,
    degrees: float,
    basis: Basis,
    alpha: float,
) -> LoadDifference:
    difference = means[1] - means[0]
    if degrees <= 0:
        low, high, p, smallest = -math.inf, math.inf, 1.0, math.inf
    elif stderr == 0:
        low = high = difference
        p, smallest = (1.0 if difference == 0 else 0.0), 0.0
    else:
        quantile = student_quantile(1 - alpha / 2, degrees)
        low, high = _ends(draws, difference, stderr, quantile)
        p = 2 * student_below(-abs(difference) / stderr, degrees)
        smallest = (quantile + student_quantile(0.8, degrees)) * stderr
    return LoadDifference(
        left=means[0],
        right=means[1],
        low=low,
        high=high,
        p=p,
        smallest=smallest,
        basis=basis,
        degrees=degrees,
    )


def _ends(draws: Floats, difference: float, stderr: float, quantile: float) -> tuple[float, float]:
    spread = float(draws.std(ddof=1))
    if spread == 0:
        return difference - quantile * stderr, difference + quantile * stderr
    # Beyond what the draws can show, the ends are Student's.
    tail = normal_below(-quantile)
    if tail * len(draws) < 10:
        return difference - quantile * stderr, difference + quantile * stderr
    centred = (draws - draws.mean()) / spread * stderr
    low, high = np.quantile(centred, [tail, 1 - tail])
    return difference + float(low), difference + float(high)


def compare_figures(
    left: Sequence[float], right: Sequence[float], alpha: float = 0.05
) -> LoadDifference | None:
    """A figure of whole loads, such as a throughput, by Student's test, or by Welch's (Biometrika
    34, 1947) for other numbers of loads; None where neither side has two loads."""
    known = [np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)]
    if max(len(left), len(right)) < 2:
        return None
    stderr, degrees = _between(known)
    means = [float(values.mean()) for values in known]
    return _found(means, np.zeros(2), stderr, degrees, "loads", alpha)


def independent(
    left: tuple[float, float, float], right: tuple[float, float, float]
) -> tuple[float, float]:
    """The interval of the difference of two independent figures, each given as (value, low,
    high): ``d - sqrt((r - rl)² + (lh - l)²)`` to ``d + sqrt((rh - r)² + (l - ll)²)`` (G. Zou and
    A. Donner, Statistics in Medicine 27, 2008)."""
    difference = right[0] - left[0]
    low = difference - math.hypot(right[0] - right[1], left[2] - left[0])
    high = difference + math.hypot(right[2] - right[0], left[0] - left[1])
    return low, high
