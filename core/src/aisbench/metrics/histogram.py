"""Percentiles of values too many to keep: exact at first, a log-linear histogram beyond."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.statistics import percentile_name, weak_percentiles
from aisbench.types.performance import Statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

NS_PER_MS = 1e6

KEPT = 4_000_000
"""Values that are kept before the histogram takes over: 32 MB."""

_DROPPED = 13
"""Bits of a float32's 23 mantissa bits that a bucket leaves out: 1024 buckets an octave."""

_FIRST = 127 << (23 - _DROPPED)
"""Bucket of 1 ns."""

BUCKETS = 48 << (23 - _DROPPED)
"""48 octaves of nanoseconds are 3 days."""

ERROR = 0.0005
"""Largest relative error of a percentile from the histogram: half a bucket is 1/2048."""


def bucket_of(values: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.int32]:
    """The bucket of each value in ns; everything up to 1 ns is in bucket 0.

    The bits of a positive float, read as an integer, grow with its logarithm: straight within an
    octave. Dropping the low ones makes buckets of one relative width, as in G. Tene's
    HdrHistogram.
    """
    single = values.astype(np.float32)
    # In place: at a billion values each copy counts.
    np.maximum(single, np.float32(1), out=single)
    places = single.view(np.int32)
    np.right_shift(places, _DROPPED, out=places)
    np.subtract(places, _FIRST, out=places)
    if len(places) and int(places.max()) >= BUCKETS:
        np.minimum(places, BUCKETS - 1, out=places)
    return places


def bucket_middles() -> NDArray[np.float64]:
    """The value in ns that stands for each bucket: the middle of its ends, 0 for the first."""
    ends = ((np.arange(BUCKETS + 1, dtype=np.int32) + _FIRST) << _DROPPED).view(np.float32)
    middles = (ends[:-1].astype(np.float64) + ends[1:]) / 2
    middles[0] = 0.0
    return middles


class Spread:
    """Values in ns, added in blocks; n, mean, min, max and stddev are exact whatever their number.

    Percentiles are exact up to ``keep`` values and within :data:`ERROR` beyond.
    """

    def __init__(self, keep: int = KEPT) -> None:
        self.n = 0
        self.zeros = 0
        """Values of 0 that were counted and not listed (gaps inside a read)."""
        self._keep = keep
        self._kept: list[NDArray[np.int64]] = []
        self._counts: NDArray[np.int64] | None = None
        self._listed = 0
        self._sum = 0
        self._squares = 0.0
        """Sum of the squared distances from ``_shift``: without a shift near the mean, the
        variance of long gaps that differ little would drown in rounding."""
        self._moved = 0.0
        self._shift = 0.0
        self._min: int | None = None
        self._max = 0

    @classmethod
    def of_counts(cls, counts: NDArray[np.int64], zeros: int, least: int, greatest: int) -> Spread:
        """Of a histogram that was counted elsewhere, of values between ``least`` and ``greatest``,
        and ``zeros`` values of 0 beside it: mean and stddev are those of the buckets' middles."""
        made = cls(keep=0)
        made.zeros, made._counts = zeros, counts
        made._listed = int(counts.sum())
        made.n = made._listed + zeros
        if made._listed:
            middles = np.clip(bucket_middles(), least, greatest)
            made._min, made._max = least, greatest
            made._sum = round(float(np.dot(counts, middles)))
            made._shift = made._sum / made._listed
            made._squares = float(np.dot(counts, (middles - made._shift) ** 2))
        return made

    def add_zeros(self, count: int) -> None:
        self.n += count
        self.zeros += count

    def add(self, values: NDArray[np.int64]) -> None:
        """Adds values in ns; the array must not be changed afterwards."""
        if not len(values):
            return
        low, high, total = int(values.min()), int(values.max()), int(values.sum())
        if self._min is None:
            self._shift = total / len(values)
        self._min = low if self._min is None else min(low, self._min)
        self._max = max(high, self._max)
        self._sum += total
        distance = values.astype(np.float64)
        distance -= self._shift
        self._squares += float(np.dot(distance, distance))
        self._moved += total - self._shift * len(values)
        self.n += len(values)
        self._listed += len(values)
        if self._counts is None and self._listed <= self._keep:
            self._kept.append(values)
            return
        self.fold()
        self._count(values)

    def _count(self, values: NDArray[np.int64]) -> None:
        if self._counts is None:
            self._counts = np.zeros(BUCKETS, dtype=np.int64)
        seen = np.bincount(bucket_of(values))
        self._counts[: len(seen)] += seen

    def fold(self) -> None:
        """Gives up the values for the histogram, from now on."""
        self._keep = 0
        for values in self._kept:
            self._count(values)
        self._kept.clear()

    @property
    def exact(self) -> bool:
        """Whether the percentiles are exact."""
        return self._counts is None

    def least_positive_ms(self) -> float | None:
        """The least value above 0, in ms; None where there is none. Of a histogram: what is less
        than that by :data:`ERROR` at most."""
        if self._min is None or self._max <= 0:
            return None
        if self._min > 0:
            return self._min / NS_PER_MS
        if self._counts is None:
            everything = np.concatenate(self._kept)
            return int(everything[everything > 0].min()) / NS_PER_MS
        place = 1 + int(np.flatnonzero(self._counts[1:])[0])
        return float(bucket_middles()[place]) * (1 - ERROR) / NS_PER_MS

    def counts_between(self, edges_ms: NDArray[np.float64]) -> NDArray[np.int64]:
        """How many values lie in each bucket between rising edges, the last one with its upper
        edge; what lies outside is in the first or the last one: the sum is ``n``."""
        edges = edges_ms[1:-1] * NS_PER_MS
        found = np.zeros(len(edges) + 1, dtype=np.int64)
        if self._counts is not None:
            assert self._min is not None
            middles = np.clip(bucket_middles(), self._min, self._max)
            places = np.searchsorted(edges, middles, side="right")
            np.add.at(found, places, self._counts)
        for values in self._kept:
            places = np.searchsorted(edges, values, side="right")
            found += np.bincount(places, minlength=len(found))
        found[int(np.searchsorted(edges, 0.0, side="right"))] += self.zeros
        return found

    def merge(self, other: Spread) -> None:
        """Adds what ``other`` holds, which stays as it is."""
        self.add_zeros(other.zeros)
        if other._counts is None:
            for values in other._kept:
                self.add(values)
            return
        self.fold()
        if self._counts is None:
            self._counts = np.zeros(BUCKETS, dtype=np.int64)
        self._counts += other._counts
        if self._min is None:
            self._shift = other._shift
        # sum((x - s)²) moved from the other's shift to ours.
        moved = other._shift - self._shift
        self._squares += other._squares + 2 * moved * other._moved + moved**2 * other._listed
        self._moved += other._moved + moved * other._listed
        assert other._min is not None
        self._min = other._min if self._min is None else min(self._min, other._min)
        self._max = max(self._max, other._max)
        self._sum += other._sum
        self._listed += other._listed
        self.n += other._listed

    def statistics(
        self, name: str, percentiles: tuple[float, ...], half: float | None = None
    ) -> Statistics | None:
        """Statistics in ms, None without a value; ``half`` is half the mean's interval in ms."""
        if not self.n:
            return None
        mean = self._sum / self.n / NS_PER_MS
        zero = 0.0 if self.zeros else math.inf
        return Statistics(
            name=name,
            unit="ms",
            n=self.n,
            mean=mean,
            min=min(zero, math.inf if self._min is None else self._min / NS_PER_MS),
            max=self._max / NS_PER_MS,
            stddev=self._stddev() / NS_PER_MS,
            percentiles=self._percentiles(percentiles),
            weak=weak_percentiles(self.n, percentiles),
            low=None if half is None else mean - half,
            high=None if half is None else mean + half,
        )

    def _stddev(self) -> float:
        if self.n < 2:
            return 0.0
        squares = self._squares + self.zeros * self._shift**2
        moved = self._moved - self.zeros * self._shift
        return math.sqrt(max(0.0, (squares - moved**2 / self.n) / (self.n - 1)))

    def _percentiles(self, percentiles: tuple[float, ...]) -> dict[str, float]:
        ranks = np.asarray(percentiles, dtype=np.float64) / 100 * (self.n - 1)
        below = np.floor(ranks).astype(np.int64)
        above = np.ceil(ranks).astype(np.int64)
        values = self._ranked(np.concatenate([below, above]))
        first, second = values[: len(ranks)], values[len(ranks) :]
        mixed = (first + (second - first) * (ranks - below)) / NS_PER_MS
        return {percentile_name(p): float(v) for p, v in zip(percentiles, mixed, strict=True)}

    def _ranked(self, ranks: NDArray[np.int64]) -> NDArray[np.float64]:
        """The values with these ranks from 0, the uncounted zeros first."""
        listed = np.maximum(ranks - self.zeros, 0)
        if not self._listed:
            found = np.zeros(len(ranks))
        elif self._counts is None:
            everything = np.concatenate(self._kept)
            places = np.unique(listed)
            found = np.partition(everything, places)[listed].astype(np.float64)
        else:
            places = np.searchsorted(np.cumsum(self._counts), listed, side="right")
            assert self._min is not None
            found = np.clip(bucket_middles()[places], self._min, self._max)
        return np.where(ranks < self.zeros, 0.0, found)


class WeightedSpread:
    """Values in ns that each stand for ``weight`` values, by histogram alone.

    The percentile p is the least value with p % of the weight at or below it, within
    :data:`ERROR`; mean, min, max and stddev are exact.
    """

    def __init__(self) -> None:
        self._weights = np.zeros(BUCKETS)
        self.weight = 0.0
        self._sum = 0.0
        self._squares = 0.0
        self._min = math.inf
        self._max = 0.0

    def add(self, values: NDArray[np.float64], weights: NDArray[np.float64]) -> None:
        if not len(values):
            return
        seen = np.bincount(bucket_of(values), weights)
        self._weights[: len(seen)] += seen
        self.weight += float(weights.sum())
        self._sum += float(np.dot(values, weights))
        self._squares += float(np.dot(values * values, weights))
        self._min = min(self._min, float(values.min()))
        self._max = max(self._max, float(values.max()))

    def merge(self, other: WeightedSpread) -> None:
        self._weights += other._weights
        self.weight += other.weight
        self._sum += other._sum
        self._squares += other._squares
        self._min = min(self._min, other._min)
        self._max = max(self._max, other._max)

    def statistics(self, name: str, percentiles: tuple[float, ...]) -> Statistics | None:
        """Statistics in ms, None without a value; n is the weight, rounded."""
        if self.weight <= 0:
            return None
        mean = self._sum / self.weight
        share = np.cumsum(self._weights)
        # A hair less than the last sum: rounding must not push p100 beyond the last bucket.
        asked = np.asarray(percentiles) / 100 * share[-1] * (1 - 1e-12)
        places = np.minimum(np.searchsorted(share, asked), BUCKETS - 1)
        found = np.clip(bucket_middles()[places], self._min, self._max) / NS_PER_MS
        n = max(1, round(self.weight))
        return Statistics(
            name=name,
            unit="ms",
            n=n,
            mean=mean / NS_PER_MS,
            min=self._min / NS_PER_MS,
            max=self._max / NS_PER_MS,
            stddev=math.sqrt(max(0.0, self._squares / self.weight - mean**2)) / NS_PER_MS,
            percentiles={
                percentile_name(p): float(v) for p, v in zip(percentiles, found, strict=True)
            },
            weak=weak_percentiles(n, percentiles),
        )
