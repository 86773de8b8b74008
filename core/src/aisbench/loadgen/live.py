"""How a load goes, for displays: plain counters and the latencies of the last seconds."""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from attrs import define, field, frozen

from aisbench.base.clock import now_ns
from aisbench.loadgen.shared_counters import SharedCounters
from aisbench.store.recording.columns import ABSENT, FIELDS, PLACE, AttemptOutcome, Phase

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECENT_NS = 5_000_000_000
"""What counts as the last seconds."""
MOST_READS = 200_000
"""The most events read at one look; more are passed over."""


LEAST_SECONDS = 0.2
"""No rate is shown of a shorter time, unless the load is over."""


@frozen
class _Reading:
    """What had been counted at one time."""

    time_ns: int
    ended: int
    """Requests, failed ones included."""
    tokens: int


@define
class LiveLoad:
    """Counters of the load that runs now; a display reads them when it likes."""

    label: str
    phase: str = "connecting"
    start_ns: int = 0
    in_flight: int = 0
    waiting: int = 0
    sent: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    retried: int = 0
    tokens: int = 0
    events: int = 0
    wanted: int | None = None
    """Requests, where their number is known."""
    duration_ns: int | None = None
    asked_rate: float | None = None
    """Requests/s of the schedule in the last seconds."""
    achieved_rate: float | None = None
    tokens_rate: float | None = None
    ttft_ms: tuple[float, float] | None = None
    """Median and 99th percentile of the last seconds."""
    itl_ms: tuple[float, float] | None = None
    lag_ms: float | None = None
    """99th percentile of the schedule lag of the last seconds."""
    due_ns: Sequence[int] = ()
    """The schedule of an open loop, for the rate that is asked."""
    closed: bool = False
    """It is over: the rates are those of the whole load."""
    _history: deque[_Reading] = field(factory=deque)
    _first: _Reading | None = None
    """What had been counted when the load started; the warm-up is no part of a rate."""

    def read(self, shared: SharedCounters) -> None:
        """Take over the workers' counters."""
        self.start_ns = shared["start"]
        for name in (
            "in_flight", "waiting", "sent", "done", "failed", "cancelled", "retried", "tokens",
            "events",
        ):  # fmt: skip
            setattr(self, name, shared.total(name))
        now = now_ns()
        # Servers count at the end, and some not at all: events are there for what was cut.
        reading = _Reading(now, self.done + self.failed, max(self.tokens, self.events))
        if not self.start_ns or now < self.start_ns:
            self._first = reading
            return
        if self._first is None:
            self._first = reading
        if not self._history:
            self._history.append(attrs.evolve(self._first, time_ns=self.start_ns))
        self._history.append(reading)
        while len(self._history) > 2 and now - self._history[1].time_ns >= RECENT_NS:
            self._history.popleft()
        self._rates(self._history[0], reading)
        if len(self.due_ns) and self.start_ns:
            last = now - self.start_ns
            first = max(0, last - RECENT_NS)
            due = bisect.bisect_right(self.due_ns, last) - bisect.bisect_left(self.due_ns, first)
            self.asked_rate = due / max((last - first) / 1e9, 0.001)

    def close(self) -> None:
        """The load has ended: rates are of all of it from now on."""
        if self.closed:
            return
        self.closed = True
        if self._history and self._first is not None:
            self._rates(attrs.evolve(self._first, time_ns=self.start_ns), self._history[-1])

    @property
    def seconds(self) -> float:
        """For how long the load has been running; for how long it ran, once it has ended."""
        if not self.start_ns:
            return 0.0
        now = self._history[-1].time_ns if self.closed and self._history else now_ns()
        return max(0.0, (now - self.start_ns) / 1e9)

    @property
    def seconds_left(self) -> float | None:
        """Until it has lasted as long, or sent as much, as it is to; None where nobody knows."""
        if self.closed or not self.start_ns:
            return None
        found = []
        if self.duration_ns:
            found.append(max(0.0, self.duration_ns / 1e9 - self.seconds))
        if self.wanted and self.achieved_rate:
            found.append(max(0, self.wanted - self.done - self.failed) / self.achieved_rate)
        return min(found, default=None)

    def _rates(self, begun: _Reading, now: _Reading) -> None:
        seconds = (now.time_ns - begun.time_ns) / 1e9
        if seconds >= LEAST_SECONDS or (self.closed and seconds > 0):
            self.achieved_rate = (now.ended - begun.ended) / seconds
            self.tokens_rate = (now.tokens - begun.tokens) / seconds


@define
class Tail:
    """Reads what the workers have written since the last look."""

    folder: Path
    workers: int
    _places: dict[int, tuple[int, int]] = field(factory=dict)
    _recent: deque[tuple[int, NDArray[np.int64], NDArray[np.int64]]] = field(factory=deque)
    measured: int = 0
    sums: dict[str, tuple[int, float, float]] = field(factory=dict)
    """Of ttft, tpot, e2el, itl (mean of a request's): number, sum, sum of squares, in ms."""

    def look(self, live: LiveLoad) -> None:
        """Update the latencies of the last seconds, and the sums for a stop criterion."""
        import numpy as np

        now = now_ns()
        for worker in range(self.workers):
            rows, gaps = self._new(worker)
            if len(rows):
                self._recent.append((now, rows, gaps))
        while self._recent and now - self._recent[0][0] > RECENT_NS:
            self._recent.popleft()
        if not self._recent:
            live.ttft_ms = live.itl_ms = live.lag_ms = None
            return
        rows = np.concatenate([one[1] for one in self._recent])
        gaps = np.concatenate([one[2] for one in self._recent])
        sent, first = rows[:, PLACE["sent"]], rows[:, PLACE["first_token"]]
        ttft = (first - sent)[(first != ABSENT) & (sent != ABSENT)]
        lag = (sent - rows[:, PLACE["scheduled"]])[sent != ABSENT]
        live.ttft_ms = _middle_and_tail(ttft)
        live.itl_ms = _middle_and_tail(gaps)
        live.lag_ms = float(np.percentile(lag, 99)) / 1e6 if len(lag) else None

    def _new(self, worker: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        import numpy as np

        at_row, at_read = self._places.get(worker, (0, 0))
        width = len(FIELDS) * 8
        empty: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        try:
            with (self.folder / f"requests-{worker}.bin").open("rb") as file:
                file.seek(at_row * width)
                data = file.read()
            whole = len(data) // width
            rows = np.frombuffer(data[: whole * width], dtype="<i8").reshape(whole, len(FIELDS))
            reads = int(rows[:, PLACE["reads"]].sum())
            gaps = empty
            if 0 < reads <= MOST_READS:
                with (self.folder / f"events-{worker}.bin").open("rb") as file:
                    file.seek(at_read * 16)
                    data = file.read(reads * 16)
                times = np.frombuffer(data, dtype="<i8").reshape(-1, 2)[:, 0]
                inside = np.ones(len(times), dtype=bool)
                starts = np.cumsum(rows[:, PLACE["reads"]])
                inside[0] = False
                inside[starts[starts < len(times)]] = False
                gaps = np.diff(times, prepend=times[:1])[inside]
        except FileNotFoundError:
            return empty.reshape(0, len(FIELDS)), empty
        self._places[worker] = (at_row + whole, at_read + reads)
        good = (rows[:, PLACE["phase"]] == Phase.MEASURED) & (
            rows[:, PLACE["outcome"]] == AttemptOutcome.SUCCESS
        )
        self._sum(rows[good])
        return rows[rows[:, PLACE["phase"]] != Phase.WARM_UP], gaps

    def _sum(self, rows: NDArray[np.int64]) -> None:
        self.measured += len(rows)
        sent, first, last = (
            rows[:, PLACE[name]] for name in ("sent", "first_token", "last_token")
        )
        tokens, events = rows[:, PLACE["completion_tokens"]], rows[:, PLACE["events"]]
        spans, apart = (last - first) / 1e6, rows[:, PLACE["reads"]] > 1
        empty = (first == ABSENT) & (tokens == 0)
        self._add("e2el", ((rows[:, PLACE["done"]] - sent) / 1e6)[~empty])
        self._add("ttft", ((first - sent) / 1e6)[first != ABSENT])
        # As in aisbench.metrics.requests: one read tells no pace, an empty answer no latency.
        several = (tokens > 1) & apart
        self._add("tpot", spans[several] / (tokens[several] - 1))
        several = (events > 1) & apart
        self._add("itl", spans[several] / (events[several] - 1))

    def _add(self, name: str, values: NDArray[np.float64]) -> None:
        count, total, squares = self.sums.get(name, (0, 0.0, 0.0))
        self.sums[name] = (
            count + len(values),
            total + float(values.sum()),
            squares + float((values * values).sum()),
        )


def _middle_and_tail(values: NDArray[np.int64]) -> tuple[float, float] | None:
    import numpy as np

    if not len(values):
        return None
    middle, tail = np.percentile(values, [50, 99]) / 1e6
    return float(middle), float(tail)
