"""Gaps between tokens and counts of tokens, by interval of time, in one pass over all events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.histogram import KEPT, Spread, WeightedSpread
from aisbench.metrics.requests import brought
from aisbench.store.recording.columns import EventBlock, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PIECE = 1 << 18
"""Reads worked on at once: arrays of 2 MB stay in the processor's caches."""


class TimeSlice:
    """What came within one interval of time, of the chosen requests.

    A gap belongs to the interval in which it ended.
    """

    def __init__(self) -> None:
        self.gaps = Spread()
        """Gaps between consecutive reads of a request."""
        self.inside = 0
        """Gaps between events of one read, all 0. Those of an answer in one piece are unknown."""
        self.spread_over_tokens = WeightedSpread()
        """Gaps between reads, shared by the tokens that the later read brought."""
        self.tokens = 0.0
        """Output tokens, the count of a request being shared evenly by its events. Those of
        requests that the client cut are among them."""

    def merge(self, other: TimeSlice) -> None:
        self.gaps.merge(other.gaps)
        self.inside += other.inside
        self.spread_over_tokens.merge(other.spread_over_tokens)
        self.tokens += other.tokens

    def per_event(self) -> Spread:
        """The gaps between consecutive token events: those of reads, and the zeros inside."""
        spread = Spread()
        spread.merge(self.gaps)
        spread.add_zeros(self.inside)
        return spread


class Scan:
    """The events of the ``chosen`` rows, parted at ``edges`` (ns, rising, no two alike).

    ``intervals[0]`` is everything before ``edges[0]``, ``intervals[i]`` is from ``edges[i - 1]``
    on and before ``edges[i]``. ``per_token`` also collects the gaps per token, which takes twice
    the time. Memory is that of :data:`~aisbench.metrics.histogram.KEPT` values and of a
    histogram an interval; each block is forgotten after use.
    """

    def __init__(
        self,
        recording: Recording,
        chosen: NDArray[np.bool_],
        edges: NDArray[np.int64],
        per_token: bool,
    ) -> None:
        self.intervals = [TimeSlice() for _ in range(len(edges) + 1)]
        self._edges = edges
        self._per_token = per_token
        self._chosen = chosen
        self._kept = 0
        count = brought(recording)
        halves = recording.columns.cut & ~chosen
        some_cut = bool(halves.any())
        events = recording.columns["events"]
        # Tokens of each event; 0 where no count is known.
        known = (events > 0) & ~np.isnan(count)
        self._share = np.where(known, count / np.maximum(events, 1), 0.0)
        seen = np.zeros(len(recording), dtype=np.bool_)
        for block in recording.blocks():
            seen[block.rows] = True
            for piece in pieces(block, chosen):
                self._add(piece)
            if some_cut:
                for piece in pieces(block, halves):
                    self._tokens(piece)
        self._whole(recording, chosen & ~seen, count)

    def between(self, begin: int, end: int) -> TimeSlice:
        """Everything from edge ``begin`` to edge ``end``, both among the edges."""
        first, last = np.searchsorted(self._edges, [begin, end]) + 1
        return self._merged(self.intervals[first:last])

    def everything(self) -> TimeSlice:
        return self._merged(self.intervals)

    def _merged(self, parts: list[TimeSlice]) -> TimeSlice:
        if len(parts) == 1:
            return parts[0]
        merged = TimeSlice()
        for part in parts:
            merged.merge(part)
        return merged

    def _whole(
        self, recording: Recording, rows: NDArray[np.bool_], count: NDArray[np.float64]
    ) -> None:
        """Answers without events bring all their tokens when they are done."""
        done = recording.columns["done"]
        rows = rows & ~np.isnan(count)
        places = np.searchsorted(self._edges, done[rows], side="right")
        sums = np.bincount(places, count[rows], minlength=len(self.intervals))
        for interval, total in zip(self.intervals, sums, strict=True):
            interval.tokens += float(total)

    def _add(self, block: EventBlock) -> None:
        time, events, offsets = block.time_ns, block.events, block.offsets
        first = time[offsets[:-1]]
        last = time[offsets[1:] - 1]
        low, high = np.searchsorted(
            self._edges, [int(first.min()), int(last.max())], side="right"
        ).tolist()
        single = int(events.sum(dtype=np.int64)) == len(time)
        inner = np.ones(len(time), dtype=np.bool_)
        inner[offsets[:-1]] = False
        gaps = np.diff(time)[inner[1:]]
        share = self._share[block.rows]
        counts = np.diff(offsets)
        if low == high:
            interval = self.intervals[low]
            self._gaps(interval, gaps)
            if single:
                interval.tokens += float(np.dot(share, counts))
            else:
                held = np.add.reduceat(events, offsets[:-1], dtype=np.int64)
                interval.tokens += float(np.dot(share, held))
                interval.inside += int((held - counts)[counts > 1].sum())
            if self._per_token:
                brought: NDArray[np.float64] = np.repeat(share, counts)[inner] * events[inner]

                self._per_token_gaps(interval, gaps, brought)
            return
        place = np.searchsorted(self._edges[low:high], time, side="right").astype(np.int16)
        width = high - low + 1
        held_by = (np.repeat(share, counts) * events).astype(np.float64, copy=False)
        total = np.bincount(place, held_by, minlength=width)
        inside = np.zeros(width)
        if not single:
            more = np.where(np.repeat(counts > 1, counts), events - 1, 0)
            inside = np.bincount(place, more, minlength=width)
        ends = place[inner]
        # A stable sort of 16-bit integers is a radix sort: linear.
        order = np.argsort(ends, kind="stable")
        bounds = np.searchsorted(ends, np.arange(width + 1), sorter=order)
        sorted_gaps = gaps[order]
        sorted_tokens = held_by[inner][order] if self._per_token else held_by
        for index in range(width):
            interval = self.intervals[low + index]
            interval.tokens += float(total[index])
            interval.inside += int(inside[index])
            part = slice(bounds[index], bounds[index + 1])
            # A copy: a slice would keep the whole piece alive.
            self._gaps(interval, sorted_gaps[part].copy())
            if self._per_token:
                self._per_token_gaps(interval, sorted_gaps[part], sorted_tokens[part])

    def _tokens(self, block: EventBlock) -> None:
        """The tokens of requests that have no gaps."""
        held = np.repeat(self._share[block.rows], np.diff(block.offsets)) * block.events
        place = np.searchsorted(self._edges, block.time_ns, side="right")
        sums = np.bincount(place, held, minlength=len(self.intervals))
        for interval, total in zip(self.intervals, sums, strict=True):
            interval.tokens += float(total)

    def _gaps(self, interval: TimeSlice, gaps: NDArray[np.int64]) -> None:
        interval.gaps.add(gaps)
        kept = self._kept <= KEPT
        self._kept += len(gaps)
        if kept and self._kept > KEPT:
            for each in self.intervals:
                each.gaps.fold()

    def _per_token_gaps(
        self, interval: TimeSlice, gaps: NDArray[np.int64], brought: NDArray[np.float64]
    ) -> None:
        known = brought > 0
        weights = brought[known]
        interval.spread_over_tokens.add(gaps[known] / weights, weights)


def pieces(block: EventBlock, chosen: NDArray[np.bool_]) -> Iterator[EventBlock]:
    """The chosen requests of ``block`` in pieces of about :data:`_PIECE` reads."""
    wanted = chosen[block.rows]
    counts = np.diff(block.offsets)
    wanted &= counts > 0
    if not wanted.any():
        return
    if not wanted.all():
        reads = np.repeat(wanted, counts)
        base = int(block.offsets[0])
        part = slice(base, base + len(reads))
        block = EventBlock(
            rows=block.rows[wanted],
            offsets=np.concatenate([[0], np.cumsum(counts[wanted])]),
            time_ns=block.time_ns[part][reads],
            events=block.events[part][reads],
        )
    offsets, begin = block.offsets, 0
    while begin < len(block.rows):
        reach = int(offsets[begin]) + _PIECE
        end = max(begin + 1, int(np.searchsorted(offsets, reach, side="right")) - 1)
        part = slice(int(offsets[begin]), int(offsets[end]))
        yield EventBlock(
            rows=block.rows[begin:end],
            offsets=offsets[begin : end + 1] - offsets[begin],
            time_ns=block.time_ns[part],
            events=block.events[part],
        )
        begin = end
