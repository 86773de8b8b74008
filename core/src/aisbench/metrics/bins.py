"""A load cut into bins of time: how many were in flight, came, ended, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.columns import DerivedColumns
from aisbench.metrics.concurrency import EvenWork
from aisbench.metrics.gap_bins import BinnedGaps
from aisbench.metrics.statistics import percentile_name
from aisbench.store.recording.columns import ABSENT, INSTANTS, AttemptOutcome, Columns
from aisbench.types.series import (
    ConcurrencyOverTime,
    CountsOverTime,
    PercentilesOverTime,
    TimeBins,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 120
"""Bins: a chart of a page's width shows no more, and a percentile needs some requests."""
LEAST = 24
REQUESTS = 4
"""So many requests a bin, if that leaves :data:`LEAST` bins."""
SHOWN = (50.0, 90.0, 99.0)
"""Percentiles over time."""
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
WIDTHS_NS = (
    *(one * 10**3 for one in _STEPS),
    *(one * 10**6 for one in _STEPS),
    *(one * 10**9 for one in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)),
)
"""Lengths that people read off an axis."""


def time_bins(columns: Columns) -> TimeBins:
    """Bins over everything that was recorded, warm-up and cool-down included."""
    instants = [columns[name][columns[name] != ABSENT] for name in INSTANTS]
    known = [one for one in instants if len(one)]
    if not known:
        return TimeBins(begin_ns=0, width_ns=10**9, count=1)
    first, last = min(int(one.min()) for one in known), max(int(one.max()) for one in known)
    asked = int(np.count_nonzero(columns.requests))
    most = max(LEAST, min(MOST, asked // REQUESTS))
    fits = (one for one in WIDTHS_NS if last // one - first // one + 1 <= most)
    width = next(fits, 86_400 * 10**9)
    begin = first // width * width
    return TimeBins(begin_ns=begin, width_ns=width, count=(last - begin) // width + 1)


def concurrency(derived: DerivedColumns, bins: TimeBins) -> ConcurrencyOverTime:
    """Who was where, from the stamps of each attempt."""
    columns = derived.columns
    scheduled, sent, done = columns["scheduled"], columns["sent"], columns["done"]
    first = columns["first_token"]
    edges = np.asarray(bins.edges_ns, dtype=np.float64)

    def level(
        rows: NDArray[np.bool_], begin: NDArray[np.int64], end: NDArray[np.int64]
    ) -> tuple[float, ...]:
        from_, to = begin[rows] - bins.begin_ns, end[rows] - bins.begin_ns
        lasting = np.maximum(to - from_, 0)
        spent = EvenWork(
            begin=from_, end=to, amount=lasting.astype(np.float64), what="requests"
        ).by(edges - bins.begin_ns)
        # Sums of ramps of opposite sign: nothing may come out as a hair less than 0.
        mean = np.maximum(np.diff(spent) / bins.width_ns, 0.0)
        return tuple(np.where(mean < 1e-9, 0.0, mean).tolist())

    travelled = columns.travelled
    begun = travelled & (first != ABSENT)
    # A further attempt waits for the server that refused the one before, not in a queue.
    due = columns.measured & (scheduled != ABSENT) & (columns["attempt"] == 1)
    left = np.where(columns.was_sent, sent, done)
    elsewhere = ~columns.measured & columns.was_sent & columns.has_ended
    ends = bins.edges_ns
    return ConcurrencyOverTime(
        queued=level(due & (left != ABSENT), scheduled, left),
        prefill=level(travelled, sent, np.where(begun, first, done)),
        decode=level(begun, first, done),
        apart=level(elsewhere, sent, done),
        peak=tuple(derived.sweep.peak(ends[i], ends[i + 1]) for i in range(bins.count)),
    )


def counts(derived: DerivedColumns, bins: TimeBins, tokens: Sequence[float]) -> CountsOverTime:
    """What came and went; ``tokens`` are the output tokens that came in each bin."""
    columns = derived.columns
    requests = columns.requests
    ended = np.where(columns.has_ended, columns["done"], columns.started)
    prompt = derived.metrics["input_tokens"]
    read = columns.succeeded & ~np.isnan(prompt)

    def held(rows: NDArray[np.bool_], times: NDArray[np.int64]) -> tuple[int, ...]:
        return tuple(_count(bins, times[rows]).tolist())

    def outcome(one: AttemptOutcome) -> tuple[int, ...]:
        return held(requests & (columns["outcome"] == int(one)), ended)

    return CountsOverTime(
        asked=held(requests & (columns["scheduled"] != ABSENT), columns["scheduled"]),
        sent=held(requests & columns.was_sent, columns["sent"]),
        answered=outcome(AttemptOutcome.SUCCESS),
        failed=outcome(AttemptOutcome.FAILED),
        cancelled=outcome(AttemptOutcome.CANCELLED),
        input_tokens=tuple(_count(bins, derived.read[read], prompt[read]).tolist()),
        output_tokens=tuple(tokens),
    )


def percentiles(
    derived: DerivedColumns, bins: TimeBins, units: Mapping[str, str]
) -> list[PercentilesOverTime]:
    """Each metric of ``units`` that has values, by when its request was sent."""
    rows = derived.columns.succeeded
    place = place_of(bins, derived.columns.started[rows])
    order = np.argsort(place, kind="stable")
    found = []
    for name, unit in units.items():
        values = derived.metrics[name][rows][order]
        known = ~np.isnan(values)
        if known.any():
            starts = np.searchsorted(place[order][known], np.arange(1, bins.count))
            found.append(_over_time(name, unit, np.split(values[known], starts)))
    return found


def _over_time(name: str, unit: str, parts: Sequence[NDArray[np.float64]]) -> PercentilesOverTime:
    nothing = [None] * len(SHOWN)
    rows = [np.percentile(one, SHOWN).tolist() if len(one) else nothing for one in parts]
    return PercentilesOverTime(
        metric=name,
        unit=unit,
        n=tuple(map(len, parts)),
        mean=tuple(float(one.mean()) if len(one) else None for one in parts),
        percentiles={
            percentile_name(one): tuple(row[at] for row in rows) for at, one in enumerate(SHOWN)
        },
    )


def gaps(binned: BinnedGaps) -> PercentilesOverTime | None:
    """ITL, by when the gap ended; None where there are no gaps."""
    found = [one.statistics("itl", SHOWN) for one in binned.spreads()]
    if not any(found):
        return None
    return PercentilesOverTime(
        metric="itl",
        unit="ms",
        n=tuple(one.n if one else 0 for one in found),
        mean=tuple(one.mean if one else None for one in found),
        percentiles={
            name: tuple(one.percentiles[name] if one else None for one in found)
            for name in map(percentile_name, SHOWN)
        },
    )


def place_of(bins: TimeBins, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bin of each instant; what lies outside is in the first or the last."""
    return np.clip((times - bins.begin_ns) // bins.width_ns, 0, bins.count - 1)


def _count(
    bins: TimeBins, times: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.int64] | NDArray[np.float64]:
    return np.bincount(place_of(bins, times), weights, minlength=bins.count)
