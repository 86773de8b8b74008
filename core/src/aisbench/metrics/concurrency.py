"""What was going on at each time: requests in flight, and work done by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from aisbench.metrics.requests import brought
from aisbench.store.recording.columns import ABSENT, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray


@frozen(kw_only=True)
class ConcurrencySweep:
    """Requests in flight: ``level[i]`` of them from ``time[i]`` to ``time[i + 1]``.

    ``arrival[i]`` says that the change at ``time[i]`` was a request being sent.
    """

    time: NDArray[np.int64]
    level: NDArray[np.int64]
    arrival: NDArray[np.bool_]

    def peak(self, begin: int, end: int) -> int:
        """The most in flight at any instant of [begin, end)."""
        first = int(np.searchsorted(self.time, begin, side="right"))
        last = int(np.searchsorted(self.time, end))
        before = int(self.level[first - 1]) if first else 0
        return max(before, int(self.level[first:last].max(initial=0)))


def in_flight(recording: Recording, rows: NDArray[np.bool_] | None = None) -> ConcurrencySweep:
    """The sweep over ``rows``, the measured attempts by default, each from sent to done.

    Of two that end and begin at the same instant, the end comes first: they were not in flight
    together.
    """
    columns = recording.columns
    rows = columns.travelled if rows is None else rows & columns.was_sent & columns.has_ended
    sent, done = columns["sent"][rows], columns["done"][rows]
    # A request of no length would end before it is sent: it is left out.
    long = done > sent
    sent, done = sent[long], done[long]
    time = np.concatenate([done, sent])
    arrival = np.arange(len(time)) >= len(done)
    order = np.argsort(time, kind="stable")  # departures come first among equals
    arrival = arrival[order]
    return ConcurrencySweep(
        time=time[order], level=np.cumsum(np.where(arrival, 1, -1)), arrival=arrival
    )


def busy_ns(recording: Recording, begin: int, end: int) -> int:
    """The time that all measured attempts together were in flight within [begin, end)."""
    columns = recording.columns
    rows = columns.travelled
    inside = np.minimum(columns["done"][rows], end) - np.maximum(columns["sent"][rows], begin)
    return int(np.maximum(inside, 0).sum())


def run_span(recording: Recording) -> tuple[int, int] | None:
    """From the first measured attempt sent to the last one done; None when none was sent."""
    columns = recording.columns
    rows = columns.measured & columns.was_sent
    ends = columns["done"][(columns.requests | rows) & columns.has_ended]
    if not rows.any() or not len(ends):
        return None
    begin = int(columns["sent"][rows].min())
    return begin, max(begin, int(ends.max()))


@frozen(kw_only=True)
class EvenWork:
    """Work done by requests, each at an even rate from its begin to its end (both ns)."""

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    amount: NDArray[np.float64]
    what: str
    """"tokens" or "requests"."""

    def by(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much had been done by each of ``times``."""
        # Two ramps make a rise that ends: sum(r·(t - begin)+) - sum(r·(t - end)+).
        rate = self.amount / np.maximum(self.end - self.begin, 1)
        return _ramps(self.begin, rate, times) - _ramps(
            np.maximum(self.end, self.begin + 1), rate, times
        )


def _ramps(
    starts: NDArray[np.int64], rates: NDArray[np.float64], times: NDArray[np.float64]
) -> NDArray[np.float64]:
    order = np.argsort(starts)
    at = starts[order].astype(np.float64)
    rate = np.concatenate([[0.0], np.cumsum(rates[order])])
    before = np.concatenate([[0.0], np.cumsum(rates[order] * at)])
    reached = np.searchsorted(at, times, side="right")
    done: NDArray[np.float64] = times * rate[reached] - before[reached]
    return done


def completed_work(recording: Recording, streamed: bool) -> EvenWork:
    """The output tokens that came, or the answered requests where a count of them is unknown.

    Tokens are spread evenly from the first to the last of the request, or from sent to done when
    the answer came in one piece; requests from sent to done. Requests that the client cut have
    brought tokens as well.
    """
    columns = recording.columns
    count = brought(recording)
    rows = columns.succeeded & columns.was_sent
    sent, done = columns["sent"][rows], columns["done"][rows]
    if not len(sent) or np.isnan(count[rows]).any():
        return EvenWork(begin=sent, end=done, amount=np.ones(len(sent)), what="requests")
    rows = rows | (columns.cut & columns.was_sent & ~np.isnan(count))
    sent, done = columns["sent"][rows], columns["done"][rows]
    first, last = columns["first_token"][rows], columns["last_token"][rows]
    known = (first != ABSENT) & (last > first) if streamed else np.zeros(len(sent), np.bool_)
    return EvenWork(
        begin=np.where(known, first, sent),
        end=np.where(known, last, done),
        amount=count[rows],
        what="tokens",
    )
