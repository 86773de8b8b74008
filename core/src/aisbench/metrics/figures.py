"""Figures of the run or of a window of it: counts, concurrency, throughputs and goodput."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.metrics.columns import DerivedColumns
from aisbench.metrics.concurrency import busy_ns
from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.intervals import wilson
from aisbench.metrics.statistics import batch_count, half_width
from aisbench.store.recording.columns import ABSENT, AttemptOutcome
from aisbench.types.figure import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

NS = 1e9
WHOLE = frozenset({"tokens", "requests", "answers", "items"})
"""Units that are counted in whole numbers. The concurrency is an exception: it is a mean."""
SLICES = "batches of time"


@frozen(kw_only=True)
class RunPart:
    """A part of the run. ``stop`` is ``end``, or one more where the run's own end belongs to it;
    things at t belong to it when ``begin <= t < stop``."""

    begin: int
    end: int
    stop: int
    whole: bool
    """It is the run itself: every request belongs to it, whatever its times."""

    @property
    def seconds(self) -> float:
        return (self.end - self.begin) / NS

    def holds(self, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        if self.whole:
            return np.ones(len(times), dtype=np.bool_)
        return (times >= self.begin) & (times < self.stop)


def figure(
    name: str,
    value: float,
    n: int,
    interval: tuple[float, float] | None = None,
    method: str = "",
) -> Figure:
    """The figure of a metric of the dictionary; counts are whole numbers."""
    metric = DICTIONARY[name]
    counted = metric.unit in WHOLE and name != "concurrency"
    return Figure(
        name=name,
        value=round(value) if counted else float(value),
        unit=metric.unit,
        n=n,
        better=metric.better,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        method=method if interval else "",
    )


def run_figures(
    derived: DerivedColumns, part: RunPart, output_tokens: float
) -> tuple[Figure, ...]:
    """All figures of ``part``. ``output_tokens`` is the number that came within it.

    Token figures are left out when no count is known, rates when the part has no length. The
    intervals of throughputs come from 10 to 30 slices of time of equal length, by the method of
    batch means; the start and the end of a load are part of a whole run, and widen its interval.
    """
    sent_inside = derived.columns.requests & part.holds(derived.columns.started)
    outcome = derived.columns["outcome"][sent_inside]
    total = len(outcome)
    counts = [int(np.count_nonzero(outcome == each)) for each in AttemptOutcome]
    figures = [
        figure("benchmark_duration", part.seconds, total),
        figure("total_requests", total, total),
        figure("success_requests", counts[AttemptOutcome.SUCCESS], total),
        figure("failed_requests", counts[AttemptOutcome.FAILED], total),
        figure("cancelled_requests", counts[AttemptOutcome.CANCELLED], total),
    ]
    if derived.empty.any():
        none = int(np.count_nonzero(derived.empty & sent_inside))
        figures.append(figure("empty_answers", none, total))
    if part.end > part.begin:
        busy = busy_ns(derived.recording, part.begin, part.end)
        figures.append(figure("concurrency", busy / NS / part.seconds, total))
        figures.append(figure("max_concurrency", derived.sweep.peak(part.begin, part.stop), total))
        figures += _throughputs(derived, part, output_tokens)
    figures += _cached(derived, sent_inside)
    if derived.good is not None:
        figures += _goodput(derived, part, derived.good, sent_inside)
    return tuple(figures)


def _cached(derived: DerivedColumns, sent_inside: NDArray[np.bool_]) -> list[Figure]:
    """The share of the prompts that the server says to have had in its prefix cache."""
    columns = derived.columns
    cached, prompt = columns["cached_tokens"], columns["prompt_tokens"]
    known = columns.succeeded & sent_inside & (cached != ABSENT) & (prompt > 0)
    if not known.any():
        return []
    share = float(cached[known].sum() / prompt[known].sum())
    return [figure("cached_share", share, int(np.count_nonzero(known)))]


def _throughputs(derived: DerivedColumns, part: RunPart, output_tokens: float) -> list[Figure]:
    finished = derived.columns.succeeded & part.holds(derived.columns["done"])
    n = int(np.count_nonzero(finished))
    slices = batch_count(n)
    done = _sliced(derived.columns["done"][finished], None, part, slices)
    figures = [_rate("request_throughput", n, n, part, done)]
    for what, total, rate in _WORKED_THROUGH:
        figures += _amounts(derived, part, finished, what, total, rate)
    prompt, completion = derived.metrics["input_tokens"], derived.metrics["output_tokens"]
    reading = derived.columns.succeeded & part.holds(derived.read) & ~np.isnan(prompt)
    written = finished & ~np.isnan(completion)
    known_in = bool((derived.columns.succeeded & ~np.isnan(prompt)).any())
    known_out = bool((derived.columns.succeeded & ~np.isnan(completion)).any())
    read = _sliced(derived.read[reading], prompt[reading], part, slices)
    wrote = _worked(derived, part, slices)
    input_tokens = float(prompt[reading].sum())
    n_in, n_out = int(np.count_nonzero(reading)), int(np.count_nonzero(written))
    if known_in:
        figures.append(figure("total_input_tokens", input_tokens, n_in))
    if known_out:
        figures.append(figure("total_output_tokens", output_tokens, n_out))
    if known_in:
        figures.append(_rate("input_token_throughput", input_tokens, n_in, part, read))
    if known_out:
        figures.append(_rate("output_token_throughput", output_tokens, n_out, part, wrote))
    if known_in and known_out:
        both = None if read is None or wrote is None else read + wrote
        tokens = input_tokens + output_tokens
        figures.append(_rate("total_token_throughput", tokens, n_out, part, both))
    return figures


_WORKED_THROUGH = (
    ("items", "total_items", "item_throughput"),
    ("audio_length", "total_audio", "audio_throughput"),
    ("pictures", "total_pictures", "picture_throughput"),
    ("megapixels", "total_megapixels", "megapixel_throughput"),
    ("film_frames", "total_film_frames", "film_frame_throughput"),
    ("film_length", "total_film", "film_throughput"),
    ("upload_size", "total_uploaded", "upload_throughput"),
)
"""What requests hold beside texts: a metric of theirs, its sum, its rate."""


def _amounts(
    derived: DerivedColumns,
    part: RunPart,
    finished: NDArray[np.bool_],
    what: str,
    total: str,
    rate: str,
) -> list[Figure]:
    """Sum and rate of a metric over the finished requests; nothing where no request has it."""
    amount = derived.metrics[what]
    rows = finished & ~np.isnan(amount)
    if not (derived.columns.succeeded & ~np.isnan(amount)).any():
        return []
    summed, n = float(amount[rows].sum()), int(np.count_nonzero(rows))
    slices = batch_count(int(np.count_nonzero(finished)))
    each = _sliced(derived.columns["done"][rows], amount[rows], part, slices)
    return [figure(total, summed, n), _rate(rate, summed, n, part, each)]


def _sliced(
    times: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
    part: RunPart,
    slices: int | None,
) -> NDArray[np.float64] | None:
    """What came in each slice of the part."""
    if slices is None:
        return None
    edges = np.linspace(part.begin, part.end, slices + 1)
    return np.histogram(times, edges, weights=weights)[0].astype(np.float64)


def _worked(
    derived: DerivedColumns, part: RunPart, slices: int | None
) -> NDArray[np.float64] | None:
    """The output tokens of each slice, those of a request spread evenly."""
    if slices is None or derived.work.what != "tokens":
        return None
    return np.diff(derived.work.by(np.linspace(part.begin, part.end, slices + 1)))


def _rate(
    name: str, amount: float, n: int, part: RunPart, sliced: NDArray[np.float64] | None
) -> Figure:
    value = amount / part.seconds
    if sliced is None:
        return figure(name, value, n)
    half = half_width(sliced / (part.seconds / len(sliced)))
    return figure(name, value, n, (max(0.0, value - half), value + half), SLICES)


def _goodput(
    derived: DerivedColumns, part: RunPart, good: NDArray[np.bool_], sent_inside: NDArray[np.bool_]
) -> list[Figure]:
    figures = []
    finished = good & part.holds(derived.columns["done"])
    n = int(np.count_nonzero(finished))
    if part.end > part.begin:
        sliced = _sliced(derived.columns["done"][finished], None, part, batch_count(n))
        figures.append(_rate("goodput", n, n, part, sliced))
        completion = derived.metrics["output_tokens"]
        known = finished & ~np.isnan(completion)
        if known.any():
            amount = float(completion[known].sum())
            figures.append(
                figure("token_goodput", amount / part.seconds, int(np.count_nonzero(known)))
            )
    total = int(np.count_nonzero(sent_inside))
    if total:
        share = int(np.count_nonzero(good & sent_inside)) / total
        figures.append(figure("slo_attainment", share, total, wilson(share, total), "wilson"))
    return figures
