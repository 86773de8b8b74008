"""What a histogram proves about the percentiles of what it counted.

A Prometheus histogram says how many values lie at or below each bound, and their sum. A percentile
lies in one of the buckets, and its place there is unknown: interpolating (``histogram_quantile``)
tells a median of 150 ms for queues of 0.04 ms when the first bucket ends at 300. What is known for
certain is a bracket, and the sum narrows it: were the median of 60 values above 1/30 of their sum,
the 30 values from it on would exceed the sum by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import frozen


@frozen
class Distribution:
    """Values at or above 0, counted in buckets. All in one unit."""

    edges: tuple[float, ...]
    """Lower bounds of the buckets, and the upper one of the last: inf where nothing bounds it."""
    counts: tuple[int, ...]
    """How many lie in each bucket; one less than edges."""
    total: float | None = None
    """The sum of all values."""
    slack: float = 0.0
    """How far the sum may be off, by rounding."""

    @property
    def n(self) -> int:
        return sum(self.counts)


def distribution(
    cumulated: Mapping[float, float],
    n: float,
    total: float | None,
    most: float = math.inf,
    slack: float = 0.0,
) -> Distribution | None:
    """From counts at or below each bound. ``most`` is a value that nothing exceeded.

    None where these cannot be counts of values at or above 0: fractions, counts that fall, bounds
    below 0 with something in them, more below a bound than there are.
    """
    ordered = sorted(cumulated.items())
    if n != int(n) or n <= 0 or not _are_counts(ordered, n):
        return None
    edges, counts, before = [0.0], [], 0
    for bound, value in ordered:
        if 0 < bound < math.inf:
            edges.append(bound)
            counts.append(int(value) - before)
            before = int(value)
    edges.append(math.inf)
    counts.append(int(n) - before)
    _bound(edges, counts, most)
    return Distribution(tuple(edges), tuple(counts), total, slack)


def _are_counts(ordered: Sequence[tuple[float, float]], n: float) -> bool:
    """Whether these are whole numbers that never fall, of values at or above 0."""
    before = 0.0
    for bound, value in ordered:
        if math.isnan(bound) or value != int(value) or not before <= value <= n:
            return False
        if bound <= 0 and value:
            return False
        before = value
    return True


def _bound(edges: list[float], counts: list[int], most: float) -> None:
    """End the buckets at ``most``, unless a value is beyond it: then it was not the most."""
    if any(count and edge >= most for edge, count in zip(edges, counts, strict=False)):
        return
    while len(edges) > 2 and edges[-2] >= most:
        del edges[-2], counts[-1]
    edges[-1] = min(edges[-1], most)


def bracket(seen: Distribution, percentile: float) -> tuple[float, float]:
    """Two values between which the percentile lies; the second may be inf.

    It holds for every usual definition: the value at the rank, either neighbour's, and any
    interpolation between the two (NumPy's default).
    """
    place = Fraction(str(percentile)) * (seen.n - 1) / 100
    return _of_rank(seen, math.floor(place))[0], _of_rank(seen, math.ceil(place))[1]


def _of_rank(seen: Distribution, rank: int) -> tuple[float, float]:
    """The bracket of the value with ``rank`` smaller or equal ones before it, from 0."""
    before = where = 0
    while before + seen.counts[where] <= rank:
        before += seen.counts[where]
        where += 1
    low, high = seen.edges[where], seen.edges[where + 1]
    if seen.total is None:
        return low, high
    inside = rank - before
    """Of the same bucket, before it."""
    behind = seen.counts[where] - inside
    """It and those behind it of the same bucket."""
    lower, upper = range(where), range(where + 1, len(seen.counts))
    least = _sum(seen, lower, 0) + inside * low + _sum(seen, upper, 0)
    narrow_high = (seen.total + seen.slack - least) / behind
    narrow_low = low
    greatest = _sum(seen, lower, 1) + _times(behind - 1, high) + _sum(seen, upper, 1)
    if math.isfinite(greatest):
        narrow_low = (seen.total - seen.slack - greatest) / (inside + 1)
    found = max(low, narrow_low), min(high, narrow_high)
    # A sum that contradicts the buckets (written between two updates) proves nothing.
    return found if found[0] <= found[1] else (low, high)


def _sum(seen: Distribution, buckets: Sequence[int], side: int) -> float:
    return sum(_times(seen.counts[one], seen.edges[one + side]) for one in buckets)


def _times(count: int, value: float) -> float:
    return count * value if count else 0.0


def gap(seen: float, between: tuple[float, float]) -> tuple[float, float] | None:
    """``seen`` minus a value of which the bracket is known; None where the bracket is wider than
    the difference, and nothing is known of it."""
    low, high = seen - between[1], seen - between[0]
    if low <= 0 <= high or high - low > min(abs(low), abs(high)):
        return None
    return low, high
