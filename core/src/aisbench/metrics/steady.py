"""Which part of a run was in its steady state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.metrics.concurrency import completed_work, in_flight, run_span
from aisbench.metrics.intervals import student_t
from aisbench.store.recording.columns import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BINS = 200
LEAST_BINS = 20
LEAST_SHARE = 0.25
"""A steady part is at least this share of the run."""
NOISE = 0.01
"""The relative deviation below which bins are not told apart."""
HEIGHT = 0.75
"""A steady part does at least this much of the best tenth of the run: a tail of stragglers is
even as well."""
DRIFT = 0.10
"""Relative rise or fall over the steady part that is a slope, when chance does not explain it."""
UNSURE = 0.25
"""A slope beyond this, which chance could explain, leaves it open whether there is one."""
TREND_BATCHES = 10
LEAST_ENDED = 10
"""So many answers must have ended in a steady part for its rates to mean anything."""
ANSWERS = 0.9
"""A part at full concurrency lasts about one answer (this share of the mean E2EL) at least."""


@frozen(kw_only=True)
class Window:
    """A part of the run, ns, or None where there is none; ``note`` says why in any case."""

    begin: int | None
    end: int | None
    note: str


def _none(note: str) -> Window:
    return Window(begin=None, end=None, note=note)


def steady_window(recording: Recording, streamed: bool) -> Window:
    """The part in which work was completed at one rate.

    The rate of completed tokens (of requests where tokens are unknown; see
    `aisbench.metrics.concurrency`) is taken in up to 200 bins of equal length. Of
    all stretches of bins that last a quarter of the run and reach 75 % of the best tenth of the
    run, the one with the least marginal standard error is chosen: the least ``sum((x - mean)²) /
    m²`` over its m bins. This is the MSER rule of K. P. White, "An effective truncation heuristic
    for bias reduction in simulation output", Simulation 69 (1997), with bins as batches, applied
    to both ends at once since a run of finite work also ends unsteadily. To each bin's square 1 %
    of the mean, squared, is added: what differs by less is not told apart, and the longer stretch
    wins. When a straight line through 10 batches of the chosen bins rises or falls by more than
    10 % of their mean from end to end, and its slope differs from 0 (t test at 5 %), it was a
    ramp, and there is no steady part. When chance could explain a slope of more than 25 %, or
    fewer than 10 answers ended within it, there is too little to tell.
    """
    span = run_span(recording)
    answered = int(np.count_nonzero(recording.columns.succeeded))
    if span is None or answered < LEAST_BINS:
        return _none(f"no steady part: {answered} requests were answered, {LEAST_BINS} are needed")
    begin, end = span
    bins = max(LEAST_BINS, min(MOST_BINS, answered // 2))
    edges = np.linspace(begin, end, bins + 1)
    work = completed_work(recording, streamed)
    rate = np.diff(work.by(edges))
    if rate.sum() <= 0:
        return _none("no steady part: the answers held no tokens")
    found = _least_error(rate)
    if found is None:
        return _none(
            f"no steady part: no {LEAST_SHARE:.0%} of the run kept {HEIGHT:.0%} of the best "
            f"tenth's rate of completed {work.what}"
        )
    first, last = found
    part = rate[first:last]
    rise, sure = _trend(part)
    if abs(rise) > DRIFT and sure:
        return _none(
            f"no steady part: the rate of completed {work.what} changed by {rise:+.0%} over the "
            "evenest stretch"
        )
    if abs(rise) > UNSURE:
        return _none(
            f"too little to tell: the rate of completed {work.what} changed by {rise:+.0%} over "
            "the evenest stretch, which may be chance"
        )
    start, stop = int(edges[first]), end if last == bins else int(edges[last])
    ended = _ended(recording, start, stop + (stop == end))
    if ended < LEAST_ENDED:
        return _none(
            f"too little to tell: {ended} answers ended in the evenest stretch, {LEAST_ENDED} are "
            "needed"
        )
    return Window(
        begin=start,
        end=stop,
        note=f"least standard error of the rate of completed {work.what} (MSER at both ends), "
        f"{(last - first) / bins:.0%} of the run, slope {rise:+.1%}",
    )


def _least_error(rate: NDArray[np.float64]) -> tuple[int, int] | None:
    """The stretch [first, last) of bins with the least marginal standard error."""
    bins = len(rate)
    sums = np.concatenate([[0.0], np.cumsum(rate)])
    squares = np.concatenate([[0.0], np.cumsum(rate * rate)])
    first, last = np.meshgrid(np.arange(bins + 1), np.arange(bins + 1), indexing="ij")
    length = np.maximum(last - first, 1)
    mean = (sums[last] - sums[first]) / length
    off = np.maximum(squares[last] - squares[first] - length * mean**2, 0.0)
    tenth = max(1, bins // 10)
    best = float((sums[tenth:] - sums[:-tenth]).max()) / tenth
    allowed = (last - first >= LEAST_SHARE * bins) & (mean >= HEIGHT * best)
    if not allowed.any():
        return None
    error = np.where(allowed, (off + length * (NOISE * mean) ** 2) / length**2, np.inf)
    place = int(np.argmin(error))
    return place // (bins + 1), place % (bins + 1)


def _trend(rates: NDArray[np.float64]) -> tuple[float, bool]:
    """The relative rise of the line of least squares over its length, and whether it is sure."""
    # Batches: neighbouring bins share requests and are not independent.
    y = np.array([batch.mean() for batch in np.array_split(rates, min(TREND_BATCHES, len(rates)))])
    x = np.arange(len(y)) - (len(y) - 1) / 2
    slope = float(np.dot(x, y)) / float(np.dot(x, x))
    off = y - y.mean() - slope * x
    spread = math.sqrt(float(np.dot(off, off)) / (len(y) - 2) / float(np.dot(x, x)))
    return slope * len(y) / float(y.mean()), abs(slope) > student_t(len(y) - 2) * spread


def _ended(recording: Recording, begin: int, stop: int) -> int:
    """How many successful requests were done in [begin, stop)."""
    done = recording.columns["done"][recording.columns.succeeded]
    return int(np.count_nonzero((done >= begin) & (done < stop)))


def full_concurrency_window(recording: Recording, max_concurrency: int) -> Window:
    """From the second start that reaches the asked concurrency to the instant at which it is left
    for the last time: AISBench's stable stage, whose end is a little earlier there.

    Theirs (``stable_perf_metric_calculator.py``) follows successful requests alone, so that one
    failed request can make the stage vanish; here every attempt counts. Theirs needs the exact
    number; here more is as good. Theirs ends with the last change that reaches the number, which
    can be milliseconds after the begin of a stage that lasted for long; requests belong to it when
    sent in [begin, end), tokens when they came then; theirs takes all tokens of those that start
    in [begin, end]. A part shorter than an answer, or in which hardly one ended, tells no rate.
    """
    sweep = in_flight(recording)
    full = np.flatnonzero(sweep.level >= max_concurrency)
    starts = sweep.time[full[sweep.arrival[full]]]
    if len(starts) < 2:
        return _none(
            f"no part at full concurrency: {max_concurrency} requests were asked for at once, "
            f"and so many were in flight {('never', 'once')[len(starts)]}"
        )
    # The level is 0 after the last change: another change always follows a full one.
    begin, end = int(starts[1]), int(sweep.time[full[-1] + 1])
    columns = recording.columns
    answered = columns.succeeded
    answer = (columns["done"] - columns["sent"])[answered]
    mean = float(answer.mean()) if len(answer) else math.inf
    ended, needed = _ended(recording, begin, end), min(LEAST_ENDED, max(1, max_concurrency // 2))
    if end - begin < ANSWERS * mean or ended < needed:
        long = f"; an answer took {mean / 1e9:.3g} s" if len(answer) else ""
        return _none(
            f"too little to tell: {max_concurrency} were in flight for "
            f"{(end - begin) / 1e9:.3g} s, in which {ended} answers ended{long}"
        )
    return Window(
        begin=begin,
        end=end,
        note=f"from the second start with {max_concurrency} in flight until fewer were for good",
    )


def aisbench_stable_stage(
    recording: Recording, max_concurrency: int
) -> tuple[int, int, NDArray[np.bool_]] | None:
    """AISBench's stable stage to the letter, for comparing: begin, end and the requests in it.

    Concurrency of successful requests alone, exactly ``max_concurrency``; the requests that
    start in [begin, end]. None where they say that there is no stable stage.
    """
    success = recording.columns.succeeded
    sweep = in_flight(recording, success)
    full = sweep.level == max_concurrency
    starts = sweep.time[full & sweep.arrival]
    if len(starts) < 2:
        return None
    begin, end = int(starts[1]), int(sweep.time[full][-1])
    sent = recording.columns["sent"]
    return begin, end, success & (sent >= begin) & (sent <= end)
