"""How values are spread, thinned to what a chart shows: a quantile function and a histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.histogram import Spread
from aisbench.metrics.statistics import percentile_name
from aisbench.types.series import ValueCurve

if TYPE_CHECKING:
    from numpy.typing import NDArray

BUCKETS = 60
"""At most; of few values there are fewer: twice the root of their number."""
LEAST = 10
WIDE = 50.0
"""From this ratio of the greatest to the least value on, buckets grow by a factor."""
_TAIL = (99.6, 99.7, 99.8, 99.9, 99.95, 99.99)
EVEN_SHARES = tuple(sorted({*np.linspace(0, 100, 201).tolist(), *_TAIL}))
"""Every half percent, and the tail: what a few hundred pixels show of a CDF."""


def shares_of(n: int, always: tuple[float, ...] = ()) -> tuple[float, ...]:
    """The percentiles at which a curve of ``n`` values is known, 0 to 100, rising: those of the
    values themselves where they are few; ``always`` are among them."""
    few = n <= len(EVEN_SHARES)
    even = np.linspace(0, 100, max(n, 2)).tolist() if few else EVEN_SHARES
    return tuple(sorted({*even, *always}))


def curve(
    name: str,
    unit: str,
    values: NDArray[np.float64],
    always: tuple[float, ...] = (),
    step: float | None = None,
) -> ValueCurve | None:
    """The curve of the values that are not NaN, exact; None when there is none. Where values are
    multiples of ``step``, each bucket holds as many of these as any other."""
    values = values[~np.isnan(values)]
    n = len(values)
    if not n:
        return None
    shares = shares_of(n, always)
    # Sorted once: numpy would partition for each of the shares.
    values = np.sort(values)
    positive = values[int(np.searchsorted(values, 0.0, side="right")) :]
    least, greatest = float(values[0]), float(values[-1])
    if step is None:
        first = float(positive[0]) if len(positive) else None
        edges, logarithmic = bucket_edges(least, greatest, first, n)
    else:
        edges, logarithmic = _stepped(least, greatest, step), False
    places = np.searchsorted(values, edges[1:-1], side="left")
    return ValueCurve(
        name=name,
        unit=unit,
        n=n,
        shares=shares,
        values=tuple(np.percentile(values, shares).tolist()),
        edges=tuple(edges.tolist()),
        counts=tuple(np.diff(places, prepend=0, append=n).tolist()),
        logarithmic=logarithmic,
    )


def curve_of_gaps(name: str, spread: Spread, always: tuple[float, ...] = ()) -> ValueCurve | None:
    """The curve of gaps in ms; within 0.05 % where they are too many to be kept."""
    shares = shares_of(spread.n, always)
    found = spread.statistics(name, shares)
    if found is None:
        return None
    edges, logarithmic = bucket_edges(found.min, found.max, spread.least_positive_ms(), found.n)
    return ValueCurve(
        name=name,
        unit=found.unit,
        n=found.n,
        shares=shares,
        values=tuple(
            # The ends are known exactly, whatever the histogram's buckets are.
            {0.0: found.min, 100.0: found.max}.get(one, found.percentiles[percentile_name(one)])
            for one in shares
        ),
        edges=tuple(edges.tolist()),
        counts=tuple(spread.counts_between(edges).tolist()),
        exact=spread.exact,
        logarithmic=logarithmic,
    )


def bucket_edges(
    least: float, greatest: float, positive: float | None, n: int
) -> tuple[NDArray[np.float64], bool]:
    """The edges of up to :data:`BUCKETS` buckets from the least of ``n`` values to the greatest,
    and whether they grow by a factor. ``positive`` is the least value above 0: where others are 0,
    these have the first bucket for themselves."""
    if greatest <= least:
        half = abs(least) * 0.05 or 0.5
        return np.array([least - half, least + half]), False
    count = min(BUCKETS, max(LEAST, int(2 * n**0.5)))
    if positive is not None and least >= 0 and greatest / positive > WIDE:
        edges = np.geomspace(positive, greatest, count + 1)
        edges[-1] = greatest
        edges[0] = positive
        return (edges if least > 0 else np.concatenate([[0.0], edges])), True
    edges = np.linspace(least, greatest, count + 1)
    edges[-1] = greatest
    return edges, False


def _stepped(least: float, greatest: float, step: float) -> NDArray[np.float64]:
    """Buckets that begin at multiples of ``step`` from the least, to beyond the greatest."""
    values = round((greatest - least) / step) + 1
    width = step * -(-values // BUCKETS)
    count = -(-values * step // width)
    edges: NDArray[np.float64] = least + width * np.arange(int(count) + 1, dtype=np.float64)
    return edges
