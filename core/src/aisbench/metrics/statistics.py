"""How the values of one metric are spread: percentiles, and a confidence interval of the mean."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.intervals import student_t
from aisbench.types.performance import Statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUPPORT = 10
"""So many values must lie beyond a percentile for it to be trusted."""

MOST_BATCHES = 30
LEAST_BATCHES = 10
LEAST_PER_BATCH = 5


def percentile_name(percentile: float) -> str:
    """``99`` is "p99", ``99.9`` is "p99.9"."""
    return f"p{percentile:g}"


def weak_percentiles(n: int, percentiles: Iterable[float]) -> tuple[str, ...]:
    """The percentiles with fewer than :data:`SUPPORT` of ``n`` values beyond them.

    ``n·min(p, 100 - p)/100 < 10``: p99 needs 1000 values, p90 needs 100 and the median 20. With
    10 beyond, the number of values beyond the true percentile is known to about a third (a
    binomial count of 10 has a standard deviation of 3.2).
    """
    return tuple(
        percentile_name(p)
        for p in percentiles
        # Rounded: 100 - 99.9 is not quite 0.1.
        if round(n * min(p, 100 - p), 6) < SUPPORT * 100
    )


def batch_count(n: int) -> int | None:
    """How many batches ``n`` values are cut into, None when there are too few.

    A tenth of ``n``, but 10 to 30 as B. Schmeiser advises in "Batch size effects in the analysis
    of simulation output", Operations Research 30 (1982), and each of 5 values or more.
    """
    if n < LEAST_BATCHES * LEAST_PER_BATCH:
        return None
    return min(MOST_BATCHES, max(LEAST_BATCHES, n // 10))


def half_width(batches: NDArray[np.float64]) -> float:
    """Half the 95 % interval of the mean of ``batches``: ``t·sd/sqrt(b)`` at b-1 degrees."""
    spread = float(np.std(batches, ddof=1))
    return student_t(len(batches) - 1) * spread / math.sqrt(len(batches))


def batch_means(
    above: NDArray[np.float64], below: NDArray[np.float64], order: NDArray[np.int64]
) -> float | None:
    """Half the 95 % interval of ``sum(above)/sum(below)`` by the method of batch means.

    Requests under load are not independent: neighbours wait in the same queue. Batches of
    consecutive requests (by ``order``, their sent times) are nearly so when they are much longer
    than what is in flight at once (A. M. Law, "Simulation Modeling and Analysis", 5th ed., 2015,
    section 9.5.3). For the mean of plain values, ``below`` is all ones.
    """
    count = batch_count(len(above))
    if count is None:
        return None
    places = np.argsort(order, kind="stable")
    starts = np.linspace(0, len(above), count, endpoint=False).astype(np.int64)
    weights = np.add.reduceat(below[places], starts)
    if not (weights > 0).all():
        return None
    return half_width(np.add.reduceat(above[places], starts) / weights)


def describe(
    name: str,
    unit: str,
    values: NDArray[np.float64],
    order: NDArray[np.int64],
    percentiles: tuple[float, ...],
) -> Statistics | None:
    """Statistics of the ``values`` that are not NaN, None when there is none.

    ``order`` holds the time that each value's request was sent. Percentiles are interpolated
    linearly between the two nearest values (numpy's "linear", type 7 of Hyndman and Fan, "Sample
    quantiles in statistical packages", The American Statistician 50, 1996); ``stddev`` is that of
    the sample, with n-1, and 0 for one value.
    """
    known = ~np.isnan(values)
    values, order = values[known], order[known]
    n = len(values)
    if not n:
        return None
    mean = float(np.mean(values))
    half = batch_means(values, np.ones(n), order)
    return Statistics(
        name=name,
        unit=unit,
        n=n,
        mean=mean,
        min=float(values.min()),
        max=float(values.max()),
        stddev=float(np.std(values, ddof=1)) if n > 1 else 0.0,
        percentiles={
            percentile_name(p): float(v)
            for p, v in zip(percentiles, np.percentile(values, percentiles), strict=True)
        },
        weak=weak_percentiles(n, percentiles),
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
    )
