"""Gaps between tokens, and tokens, bin by bin of time: exact for few, fast for a billion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from aisbench.metrics.histogram import BUCKETS, KEPT, Spread, bucket_of
from aisbench.metrics.inter_token import Scan, pieces
from aisbench.metrics.requests import brought
from aisbench.store.recording.columns import EventBlock, Recording
from aisbench.types.series import TimeBins

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW = 8
"""So many bins a piece may reach over before its reads are looked up instead of compared."""


class BinnedGaps(Protocol):
    """What came in each bin."""

    def tokens(self) -> Sequence[float]:
        """The output tokens of each bin, cut requests included."""

    def spreads(self) -> Sequence[Spread]:
        """The gaps between events of successful requests that ended in each bin."""

    def spread(self) -> Spread:
        """Those of all bins."""


def binned_gaps(recording: Recording, bins: TimeBins) -> BinnedGaps:
    """Read all events. Percentiles are exact up to :data:`~aisbench.metrics.histogram.KEPT` gaps;
    beyond, they and the means of bins are within 0.05 %."""
    if int(np.maximum(recording.columns["reads"], 0).sum()) <= KEPT:
        return _Exact(recording, bins)
    return _Counted(recording, bins)


class _Exact:
    def __init__(self, recording: Recording, bins: TimeBins) -> None:
        inner = np.asarray(bins.edges_ns[1:-1], dtype=np.int64)
        self._scan = Scan(recording, recording.columns.succeeded, inner, per_token=False)

    def tokens(self) -> Sequence[float]:
        return [one.tokens for one in self._scan.intervals]

    def spreads(self) -> Sequence[Spread]:
        return [one.per_event() for one in self._scan.intervals]

    def spread(self) -> Spread:
        return self._scan.everything().per_event()


class _Counted:
    """A histogram a bin: what :class:`Scan` does, at a third of its time, without the moments."""

    def __init__(self, recording: Recording, bins: TimeBins) -> None:
        self._counts = np.zeros((bins.count, BUCKETS), dtype=np.int64)
        self._zeros = np.zeros(bins.count, dtype=np.int64)
        self._tokens = np.zeros(bins.count)
        self._least, self._most = np.iinfo(np.int64).max, 0
        self._edges = np.asarray(bins.edges_ns[1:-1], dtype=np.int64)
        columns = recording.columns
        count, events = brought(recording), columns["events"]
        known = (events > 0) & ~np.isnan(count)
        self._share = np.where(known, count / np.maximum(events, 1), 0.0)
        self._one_each = bool((events == columns["reads"])[columns["reads"] > 0].all())
        seen = np.zeros(len(recording), dtype=np.bool_)
        some_cut = bool(columns.cut.any())
        for block in recording.blocks():
            seen[block.rows] = True
            for piece in pieces(block, columns.succeeded):
                self._add(piece, gaps=True)
            if some_cut:
                for piece in pieces(block, columns.cut):
                    self._add(piece, gaps=False)
        whole = columns.succeeded & ~seen & ~np.isnan(count)
        place = np.searchsorted(self._edges, columns["done"][whole], side="right")
        self._tokens += np.bincount(place, count[whole], minlength=bins.count)

    def tokens(self) -> Sequence[float]:
        found: list[float] = self._tokens.tolist()
        return found

    def spreads(self) -> Sequence[Spread]:
        return [
            Spread.of_counts(counts, int(zeros), self._least, self._most)
            for counts, zeros in zip(self._counts, self._zeros, strict=True)
        ]

    def spread(self) -> Spread:
        counts, zeros = self._counts.sum(axis=0), int(self._zeros.sum())
        return Spread.of_counts(counts, zeros, self._least, self._most)

    def _add(self, block: EventBlock, gaps: bool) -> None:
        time, starts = block.time_ns, block.offsets[:-1]
        low, high = np.searchsorted(
            self._edges, [int(time[starts].min()), int(time[block.offsets[1:] - 1].max())], "right"
        ).tolist()
        place = self._places(time, low, high)
        if gaps and len(time) > len(starts):
            self._gaps(block, low, high, place)
        self._came(block, low, high, place, gaps)

    def _places(self, time: NDArray[np.int64], low: int, high: int) -> NDArray[np.int32] | None:
        """The bin of each read, counted from ``low``; None where all are in that one."""
        if low == high:
            return None
        if high - low > FEW:
            found: NDArray[np.int32] = np.searchsorted(
                self._edges[low:high], time, side="right"
            ).astype(np.int32)
            return found
        place = np.zeros(len(time), dtype=np.int32)
        for edge in self._edges[low:high]:
            place += time >= edge
        return place

    def _gaps(
        self, block: EventBlock, low: int, high: int, place: NDArray[np.int32] | None
    ) -> None:
        gap = np.diff(block.time_ns)
        # Between two requests there is no gap: it is counted as some other gap is, and taken back.
        between = block.offsets[1:-1] - 1
        inner = int(np.flatnonzero(np.diff(block.offsets) > 1)[0])
        other = int(gap[block.offsets[inner]])
        gap[between] = other
        self._least, self._most = min(self._least, int(gap.min())), max(self._most, int(gap.max()))
        bucket = bucket_of(gap)
        taken = int(bucket_of(np.array([other]))[0])
        if place is None:
            seen = np.bincount(bucket)
            self._counts[low, : len(seen)] += seen
            self._counts[low, taken] -= len(between)
            return
        bucket += place[1:] * np.int32(BUCKETS)
        seen = np.bincount(bucket, minlength=(high - low + 1) * BUCKETS)
        self._counts[low : high + 1] += seen.reshape(-1, BUCKETS)
        np.subtract.at(self._counts[:, taken], low + place[between + 1], 1)

    def _came(
        self,
        block: EventBlock,
        low: int,
        high: int,
        place: NDArray[np.int32] | None,
        gaps: bool,
    ) -> None:
        """Tokens, and the gaps of 0 between events that one read brought."""
        counts, share = np.diff(block.offsets), self._share[block.rows]
        width = high - low + 1
        if self._one_each and (place is None or bool((share == share[0]).all())):
            if place is None:
                self._tokens[low] += float(np.dot(share, counts))
            else:
                held = np.bincount(place, minlength=width)
                self._tokens[low : high + 1] += held * float(share[0])
            return
        events = block.events
        if place is None:
            place = np.zeros(len(events), dtype=np.int32)
        self._tokens[low : high + 1] += np.bincount(
            place, np.repeat(share, counts) * events, minlength=width
        )
        if gaps and not self._one_each:
            more = np.where(np.repeat(counts > 1, counts), events - 1, 0)
            zeros = np.bincount(place, more, minlength=width).astype(np.int64)
            self._zeros[low : high + 1] += zeros
