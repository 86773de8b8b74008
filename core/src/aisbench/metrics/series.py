"""A recording as a series: everything that charts of a load over time are drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.metrics import bins as binned
from aisbench.metrics.columns import DerivedColumns, MetricOptions, derive
from aisbench.metrics.curves import curve, curve_of_gaps
from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.gap_bins import binned_gaps
from aisbench.metrics.requests import STREAMED_ONLY
from aisbench.metrics.timeline import phase_spans, timeline
from aisbench.store.recording.columns import ABSENT, Recording
from aisbench.types.series import LoadSeries, ServerLine, ValueCurve

if TYPE_CHECKING:
    from numpy.typing import NDArray

LATENCIES = ("ttft", "ttft_scheduled", "tpot", "itl", "e2el", "e2el_scheduled")
"""In the order in which they are shown."""
SIZES = ("input_tokens", "output_tokens")
SHORT_NS = 20 * 10**9
"""A load below that has too few whole seconds for a distribution of rates."""


@frozen(kw_only=True)
class SeriesLabels:
    """What the recording does not say of its load."""

    model: str
    dataset: str
    load: str
    open_loop: bool


def load_series(
    recording: Recording,
    options: MetricOptions,
    labels: SeriesLabels,
    server: tuple[ServerLine, ...] = (),
) -> LoadSeries:
    """Aggregate it, in one pass over the events.

    Memory is half a megabyte for each bin, and what the table of attempts takes.
    """
    derived = derive(recording, options)
    columns = derived.columns
    bins = binned.time_bins(columns)
    came = binned_gaps(recording, bins)
    spread = {
        name: DICTIONARY[name].unit
        for name in LATENCIES
        if name != "itl" and (options.streamed or name not in STREAMED_ONLY)
    }
    over_time = binned.percentiles(derived, bins, spread)
    if options.streamed and (gaps := binned.gaps(came)):
        over_time.append(gaps)
    curves = [
        *(_metric(derived, name, unit) for name, unit in spread.items()),
        curve_of_gaps("itl", came.spread(), options.all_percentiles) if options.streamed else None,
        *(_metric(derived, name, DICTIONARY[name].unit) for name in SIZES),
        *_arrivals(derived),
    ]
    return LoadSeries(
        model=labels.model,
        dataset=labels.dataset,
        load=labels.load,
        open_loop=labels.open_loop,
        streamed=options.streamed,
        asked_concurrency=options.max_concurrency,
        bins=bins,
        phases=phase_spans(columns),
        concurrency=binned.concurrency(derived, bins),
        counts=binned.counts(derived, bins, came.tokens()),
        over_time=tuple(sorted(over_time, key=lambda one: LATENCIES.index(one.metric))),
        curves={one.name: one for one in curves if one is not None},
        timeline=timeline(columns),
        server=server,
        notes=tuple(_notes(derived)),
    )


def _metric(derived: DerivedColumns, name: str, unit: str) -> ValueCurve | None:
    values = derived.metrics[name][derived.columns.succeeded]
    return curve(name, unit, values, derived.options.all_percentiles)


def _arrivals(derived: DerivedColumns) -> list[ValueCurve | None]:
    """How the requests came: how late, how far apart, how many in a second."""
    columns = derived.columns
    always = derived.options.all_percentiles
    found = [_metric(derived, "schedule_lag", "ms")]
    for name, column in (("asked", "scheduled"), ("sent", "sent")):
        times = columns[column][columns.requests & (columns[column] != ABSENT)]
        times = np.sort(times)
        found.append(curve(f"arrival_gap_{name}", "ms", np.diff(times) / 1e6, always))
        rates, step = _rates(times)
        found.append(curve(f"rate_{name}", "requests/s", rates, always, step))
    return found


def _rates(times: NDArray[np.int64]) -> tuple[NDArray[np.float64], float]:
    """Requests a second in each second (or tenth of one) from the first of the sorted ``times`` to
    the last, and what one request more makes of it; the end that is no whole one is left out."""
    if len(times) < 2:
        return np.zeros(0), 1.0
    span = int(times[-1] - times[0])
    width = 10**9 if span >= SHORT_NS else 10**8
    whole = span // width
    place = (times - times[0]) // width
    counts = np.bincount(place[place < whole], minlength=whole)
    return counts.astype(np.float64) * (1e9 / width), 1e9 / width


def _notes(derived: DerivedColumns) -> list[str]:
    columns = derived.columns
    never = int(np.count_nonzero(columns.requests & ~columns.was_sent))
    if not never:
        return []
    return [f"{never} requests were never sent: they are in no rate of what was sent"]
