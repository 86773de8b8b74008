"""The values that other tools work with: successful requests only, times in seconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.metrics.concurrency import run_span
from aisbench.metrics.histogram import Spread
from aisbench.metrics.inter_token import Scan, pieces
from aisbench.metrics.requests import span_ms
from aisbench.store.recording.columns import ABSENT, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

NS = 1e9


@frozen(kw_only=True)
class Answered:
    """The chosen successful requests, each value in the order of the table; NaN is unknown."""

    total: int
    """All measured requests, the failed ones included."""
    begun: NDArray[np.float64]
    """s, from the first of them sent."""
    latency: NDArray[np.float64]
    """s, from sent to done."""
    served: NDArray[np.float64]
    """s, from sent to the last token event; to done where none was seen."""
    ttft: NDArray[np.float64]
    first_answer: NDArray[np.float64]
    """s, from sent to the first token that is not reasoning."""
    second: NDArray[np.float64]
    """s from the first token event to the second."""
    decoding: NDArray[np.float64]
    """s from the first token event to the last."""
    input: NDArray[np.float64]
    output: NDArray[np.float64]
    span_all: float
    """s from the first request sent to the last done, failed ones included."""
    span_success: float
    """s from the first to the last of those chosen."""
    peak_events: int
    """Most token events in one second, counted from the first request sent."""
    spread: Spread
    """Gaps between token events."""
    silent: bool
    """Whether all answers are vectors, scores or labels, of which no tool tells output tokens."""

    def gaps(self, percentiles: tuple[float, ...]) -> dict[str, float]:
        """Statistics of the gaps between token events in s, 0 where there is none."""
        found = self.spread.statistics("itl", percentiles)
        if found is None:
            return dict.fromkeys(["mean", "min", "max", *(f"p{p:g}" for p in percentiles)], 0.0)
        values = {"mean": found.mean, "min": found.min, "max": found.max, **found.percentiles}
        return {name: value / 1e3 for name, value in values.items()}


def _since_departed(recording: Recording, end: str) -> NDArray[np.float64]:
    """s; NaN where it did not come."""
    at, departed = recording.columns[end], recording.columns.departed
    known = (at != ABSENT) & (departed != ABSENT)
    return np.where(known, (at - departed) / NS, np.nan)


def answered(recording: Recording, rows: NDArray[np.bool_] | None = None) -> Answered:
    """The successful requests among ``rows``, all by default."""
    columns = recording.columns
    chosen = columns.succeeded if rows is None else columns.succeeded & rows
    # Their clocks start before a request is handed over.
    sent, done = columns.departed[chosen], columns["done"][chosen]
    begin = int(sent.min()) if len(sent) else 0
    end = int(done.max()) if len(done) else 0
    span = run_span(recording)
    second = np.full(len(recording), np.nan)
    seconds = np.zeros(max(1, math.ceil((end - begin) / NS) + 1))
    for block in recording.blocks():
        for piece in pieces(block, chosen):
            first = piece.offsets[:-1]
            # The second event came with the first read or with the second one.
            next_read = np.minimum(first + 1, len(piece.time_ns) - 1)
            wait = (piece.time_ns[next_read] - piece.time_ns[first]) / NS
            wait = np.where(np.diff(piece.offsets) > 1, wait, np.nan)
            second[piece.rows] = np.where(piece.events[first] > 1, 0.0, wait)
            bucket = ((piece.time_ns - begin) // int(NS)).clip(0, len(seconds) - 1)
            seconds += np.bincount(bucket, piece.events, minlength=len(seconds))
    scan = Scan(recording, chosen, np.zeros(0, dtype=np.int64), per_token=False)
    last = columns["last_token"][chosen]
    return Answered(
        total=int(np.count_nonzero(columns.requests)),
        begun=(sent - begin) / NS,
        latency=(done - sent) / NS,
        served=(np.where(last == ABSENT, done, last) - sent) / NS,
        ttft=_since_departed(recording, "first_token")[chosen],
        first_answer=_since_departed(recording, "first_answer")[chosen],
        second=second[chosen],
        decoding=span_ms(recording, "first_token", "last_token")[chosen] / 1e3,
        input=columns.tokens("prompt")[chosen],
        output=columns.tokens("completion")[chosen],
        span_all=0.0 if span is None else (span[1] - span[0]) / NS,
        span_success=(end - begin) / NS,
        peak_events=int(seconds.max()),
        spread=scan.everything().per_event(),
        silent=bool(len(sent) and columns.silent[chosen].all()),
    )
