"""A recording measured: the whole run, its steady parts, and windows of time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aisbench.metrics.columns import DerivedColumns, MetricOptions, derive
from aisbench.metrics.concurrency import run_span
from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.figures import RunPart, run_figures
from aisbench.metrics.inter_token import Scan, TimeSlice
from aisbench.metrics.requests import STREAMED_ONLY, brought
from aisbench.metrics.statistics import batch_means, describe
from aisbench.metrics.steady import Window, full_concurrency_window, steady_window
from aisbench.store.recording.columns import Recording, Side
from aisbench.types.performance import Population, Statistics

MOST_WINDOWS = 1000
"""More windows would take more memory than a run's other figures together."""


def measure(recording: Recording, options: MetricOptions | None = None) -> tuple[Population, ...]:
    """The populations "run", "steady", "full-concurrency" (of a closed loop) and "window N".

    A request's latencies and its outcome belong to a part when it was sent in it; its completion
    counts for the throughput of the part in which it was done; gaps and tokens belong to where
    they came. A request need not end within a part to belong to it: such a rule would favour short
    ones. The events are read once.
    """
    options = options or MetricOptions()
    span = run_span(recording)
    if span is None:
        return (Population(name="run", begin_ns=0, end_ns=0, note="no request was sent"),)
    named = list(_parts(recording, options, span))
    edges = sorted(
        {time for _, _, part in named if part and not part.whole for time in _ends(part)}
    )
    derived = derive(recording, options)
    scan = Scan(
        recording,
        derived.columns.succeeded,
        np.asarray(edges, dtype=np.int64),
        per_token=options.itl == "token",
    )
    return tuple(
        Population(name=name, begin_ns=span[0], end_ns=span[0], note=note)
        if part is None
        else _population(name, note, part, derived, scan)
        for name, note, part in named
    )


def _ends(part: RunPart) -> tuple[int, int]:
    return part.begin, part.stop


def _parts(
    recording: Recording, options: MetricOptions, span: tuple[int, int]
) -> Iterator[tuple[str, str, RunPart | None]]:
    begin, end = span
    yield (
        "run",
        _unknown(recording, options),
        RunPart(begin=begin, end=end, stop=end + 1, whole=True),
    )
    found = [("steady", steady_window(recording, options.streamed))]
    if options.max_concurrency is not None:
        window = full_concurrency_window(recording, options.max_concurrency)
        found.append(("full-concurrency", window))
    for name, window in found:
        yield name, window.note, _part(window, end)
    if options.window_ns is None or end == begin:
        return
    length, note = options.window_ns, ""
    count = -(-(end - begin) // length)
    if count > MOST_WINDOWS:
        length = -(-(end - begin) // MOST_WINDOWS)
        count = -(-(end - begin) // length)
        note = f"made longer than asked for: there would be more than {MOST_WINDOWS}"
    for index in range(count):
        first = begin + index * length
        window = Window(begin=first, end=min(first + length, end), note=note)
        yield f"window {index + 1}", note, _part(window, end)


def _part(window: Window, run_end: int) -> RunPart | None:
    if window.begin is None or window.end is None:
        return None
    stop = window.end + (window.end == run_end)
    return RunPart(begin=window.begin, end=window.end, stop=stop, whole=False)


def _unknown(recording: Recording, options: MetricOptions) -> str:
    """What the whole run lacks, in a few sentences."""
    success = recording.columns.succeeded
    total = int(np.count_nonzero(success))
    silent = recording.columns.silent
    notes = []
    if total and bool(silent[success].all()):
        notes.append(
            "nothing is generated (vectors, scores or labels): there are no output tokens, and "
            "no TTFT, TPOT, ITL"
        )
    elif not options.streamed:
        notes.append("answers came in one piece: there is no TTFT, TPOT, ITL")
    sides: tuple[tuple[Side, str], ...] = (("prompt", "input"), ("completion", "output"))
    for side, what in sides:
        unknown = success & np.isnan(recording.columns.tokens(side))
        missing = int(np.count_nonzero(unknown & ~silent if side == "completion" else unknown))
        if missing:
            notes.append(f"{missing} of {total} answered requests have no known {what} tokens")
    if number := int(np.count_nonzero(recording.columns.cancelled)):
        told = f"{number} requests were cut at the end, and no request figure has them"
        if np.isnan(brought(recording)[recording.columns.cut]).any():
            notes.append(f"{told}; how many tokens they had brought is not known")
        else:
            notes.append(
                f"{told}: the tokens that they had brought are in the output token throughput; "
                "the request, the input token throughput and the goodput read too low by them"
            )
    return "; ".join(notes)


def _population(
    name: str, note: str, part: RunPart, derived: DerivedColumns, scan: Scan
) -> Population:
    interval = scan.everything() if part.whole else scan.between(part.begin, part.stop)
    return Population(
        name=name,
        begin_ns=part.begin,
        end_ns=part.end,
        statistics=tuple(_statistics(derived, part, interval)),
        figures=run_figures(derived, part, interval.tokens),
        note=note,
    )


def _statistics(
    derived: DerivedColumns, part: RunPart, interval: TimeSlice
) -> Iterator[Statistics]:
    options = derived.options
    percentiles = options.all_percentiles
    rows = derived.columns.succeeded & part.holds(derived.columns.started)
    order = derived.columns.started[rows]
    found: dict[str, Statistics | None] = {}
    for name, column in derived.metrics.items():
        if options.streamed or name not in STREAMED_ONLY:
            unit = DICTIONARY[name].unit
            found[name] = describe(name, unit, column[rows], order, percentiles)
    answer, first = derived.metrics["ttfa"][rows], derived.metrics["ttft"][rows]
    if not ((answer != first) & ~np.isnan(answer)).any():
        found["ttfa"] = None
    if options.streamed:
        events = interval.per_event()
        found["itl"] = events.statistics("itl", percentiles, _itl_half(derived, part, "events"))
        found["itl_read"] = interval.gaps.statistics(
            "itl_read", percentiles, _itl_half(derived, part, "reads")
        )
        found["itl_token"] = interval.spread_over_tokens.statistics("itl_token", percentiles)
    for name in DICTIONARY:
        statistics = found.get(name)
        if statistics is not None:
            yield statistics


def _itl_half(derived: DerivedColumns, part: RunPart, column: str) -> float | None:
    """Half the interval of the mean gap in ms, by batches of whole requests.

    Only for the whole run: the gaps within a window do not belong to the requests sent in it.
    """
    if not part.whole:
        return None
    columns = derived.columns
    rows = derived.columns.succeeded & (columns[column] > 1) & (columns["reads"] > 1)
    gaps = (columns[column][rows] - 1).astype(np.float64)
    span = (columns["last_token"][rows] - columns["first_token"][rows]) / 1e6
    return batch_means(span, gaps, derived.columns.started[rows])
