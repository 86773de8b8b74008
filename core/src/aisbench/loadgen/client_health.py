"""Whether the client kept up, and whether answers came as they should: figures and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from attrs import define, field

from aisbench.metrics.delivery import Delivery
from aisbench.store.recording.columns import ABSENT, Columns, Recording
from aisbench.store.recording.documents import LoadDocument
from aisbench.types.performance import Health

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAG_MS = 2.0
"""A 99th percentile of the schedule lag beyond this is told, unless latencies dwarf it."""
READ_LAG_MS = 1.5
"""A mean delay of reading beyond this is told, unless latencies dwarf it."""
SHARE_OF_LATENCY = 0.05
BUSY = 0.9
"""Share of a core from which on a worker has no reserve."""
RATE_SHARE = 0.01
"""The achieved rate may differ from the schedule by so much."""


def assess(
    recording: Recording,
    load: LoadDocument,
    limits: Mapping[str, float],
    came: Delivery | None = None,
) -> Health:
    """The health of one load.

    ``load`` is the load's document (load.json) with the workers' reports; ``limits`` what
    ``aisbench calibrate`` found for this machine, empty when it was never run; ``came`` is how
    the answers came. Doubts about those, or about requests that failed, are no fault of the
    client: it kept up all the same.
    """
    checks = _Checks(recording, load)
    checks.measure_lags()
    checks.measure_workers()
    checks.measure_connections()
    checks.measure_reads()
    checks.check_sending()
    checks.check_reading()
    checks.check_machine()
    checks.check_rate()
    checks.check_calibration(limits)
    values, doubts, others = checks.values, checks.doubts, checks.others
    if came is not None:
        values.update(came.values)
        others += came.doubts
    return Health(kept_up=not doubts, doubts=(*doubts, *others), values=values)


@define
class _Checks:
    """Figures about the client, and what they give cause to doubt."""

    recording: Recording
    load: LoadDocument
    values: dict[str, float] = field(factory=dict)
    doubts: list[str] = field(factory=list)
    """About the client."""
    others: list[str] = field(factory=list)
    """About anything else."""
    _columns: Columns = field(init=False)
    _sent: NDArray[np.bool_] = field(init=False)
    """Measured ones that were sent."""
    _lag_ms: NDArray[np.float64] = field(init=False)
    """Of first attempts: from when each was due to when it was sent."""
    _median_ttft_ms: float = field(init=False)
    """Of answers; 0 when there is none."""

    def __attrs_post_init__(self) -> None:
        columns = self._columns = self.recording.columns
        self._sent = columns.measured & columns.was_sent
        first = self._sent & (columns["attempt"] == 1)
        self._lag_ms = (columns.departed - columns["scheduled"])[first] / 1e6
        begun = columns.succeeded & (columns["first_token"] != ABSENT)
        ttft = (columns["first_token"] - columns["sent"])[begun]
        self._median_ttft_ms = float(np.median(ttft)) / 1e6 if len(ttft) else 0.0

    # -- figures

    def measure_lags(self) -> None:
        """How late requests were sent, sockets read and ticks of the workers' loops done."""
        reports = self.load.workers
        self._spread("schedule_lag_ms", self._lag_ms)
        self._spread("read_lag_ms", _joined([one.read_lag_ns for one in reports]) / 1e6)
        self._spread("loop_lag_ms", _joined([one.loop_lag_ns for one in reports]) / 1e6)

    def _spread(self, name: str, sample: NDArray[np.float64]) -> None:
        if len(sample):
            self.values[f"{name}_mean"] = float(sample.mean())
            self.values[f"{name}_p99"] = float(np.percentile(sample, 99))
            self.values[f"{name}_max"] = float(sample.max())

    def measure_workers(self) -> None:
        """What the processes used, and for how long the machine did not let them run."""
        load, values = self.load, self.values
        shares = [one.cpu_ns / one.wall_ns for one in load.counters if one.wall_ns > 0]
        values["workers"] = len(load.counters)
        values["cpu_share_max"] = max(shares, default=0.0)
        values["cpu_share_mean"] = float(np.mean(shares)) if shares else 0.0
        memory = (load.memory_bytes or 0) + sum(one.max_rss_bytes or 0 for one in load.workers)
        values["memory_mb"] = memory / 1e6
        values["stalls"] = len(load.stalls_ns)
        values["stall_ms_max"] = max(load.stalls_ns, default=0) / 1e6

    def measure_connections(self) -> None:
        """How many were opened, before the start and later, and how long that took."""
        counters, values = self.load.counters, self.values
        before = sum(one.opened_before for one in counters)
        values["connections_opened"] = sum(one.opened for one in counters)
        spent = sum(one.opening_ns for one in counters)
        connect = self._columns["connect"]
        late = connect[self._sent & (connect > 0)]
        values["connect_before_start_ms_mean"] = spent / max(before, 1) / 1e6
        values["connect_before_start_ms_max"] = (
            max((one.opening_longest_ns for one in counters), default=0) / 1e6
        )
        values["connected_late"] = len(late)
        values["connected_late_ms_mean"] = float(late.mean()) / 1e6 if len(late) else 0.0
        values["reconnects"] = sum(one.reconnects for one in counters)

    def measure_reads(self) -> None:
        """How many events one read of a socket brought."""
        reads, events = (
            int(self._columns[name][self._columns.measured].sum()) for name in ("reads", "events")
        )
        self.values["events_per_read"] = events / reads if reads else 0.0

    # -- doubts

    def check_sending(self) -> None:
        """Were requests sent when they were due?"""
        values = self.values
        held = sum(one.held_back for one in self.load.counters)
        values["held_back"] = held
        if held:
            self.doubts.append(
                f"{held:.0f} requests waited because load.max_concurrency, or the system's limit "
                "on open files, was reached: latencies from the schedule include that wait"
            )
        elif not self.load.open_loop:
            self._check_idleness()
        elif values.get("schedule_lag_ms_p99", 0) > self._allowed(LAG_MS):
            self.doubts.append(
                f"requests were sent late (99th percentile {values['schedule_lag_ms_p99']:.1f} "
                "ms): the load was lighter than asked for a moment, and latencies from the "
                "schedule include that"
            )

    def _allowed(self, limit_ms: float) -> float:
        """``limit_ms``, or a share of the median TTFT where that is more."""
        return max(limit_ms, SHARE_OF_LATENCY * self._median_ttft_ms)

    def _check_idleness(self) -> None:
        """In a closed loop lateness only makes the load lighter: clients idle between requests.

        The share is that of all requests. Those that fail, or are answered with nothing, may end
        at once, and no client is fast beside them: it is blamed only for an idleness that would be
        as large if all had lasted as long as a real answer.
        """
        columns, lag = self._columns, self._lag_ms
        flown = columns.travelled
        lasted = (columns["done"] - columns["sent"]) / 1e6
        busy, idle = float(lasted[flown].sum()), float(lag.sum())
        share = idle / (idle + busy) if idle + busy > 0 else 0.0
        self.values["idle_share"] = share
        if share <= SHARE_OF_LATENCY:
            return
        sentence = (
            f"virtual clients idled {share:.1%} of the time between an answer and the next "
            "request: concurrency was lower than asked by so much"
        )
        real = columns.succeeded & ((columns["events"] > 0) | (columns["completion_tokens"] > 0))
        quick = int(np.count_nonzero(flown & ~real))
        answer = float(lasted[real].mean()) if real.any() else math.inf
        pause = float(lag.mean())
        if not quick or pause / (pause + answer) > SHARE_OF_LATENCY:
            self.doubts.append(sentence)
        else:
            self.others.append(
                f"{sentence}; that is because {quick} of {int(np.count_nonzero(flown))} requests "
                "failed or brought no token, and ended at once"
            )

    def check_reading(self) -> None:
        """Were answers read when they came?"""
        values = self.values
        if values.get("read_lag_ms_mean", 0) > self._allowed(READ_LAG_MS):
            self.doubts.append(
                f"answers were read late (mean {values['read_lag_ms_mean']:.1f} ms, 99th "
                f"percentile {values['read_lag_ms_p99']:.1f} ms): latencies read so much too high"
            )

    def check_machine(self) -> None:
        """Had the workers the processor time that they needed?"""
        values, stalls = self.values, self.load.stalls_ns
        if values["cpu_share_max"] > BUSY:
            self.doubts.append(
                f"a worker used {values['cpu_share_max']:.0%} of a core: throughput may be the "
                "client's limit; set load.workers higher"
            )
        if self.doubts and stalls:
            self.doubts.append(
                f"the machine itself stood still, or had no core left, {len(stalls)} times (up to "
                f"{values['stall_ms_max']:.0f} ms): that is no fault of the client, and the "
                "figures suffer all the same"
            )

    def check_rate(self) -> None:
        """In an open loop: were requests sent at the rate of their schedule?"""
        columns, values = self._columns, self.values
        first = self._sent & (columns["turn"] == 0) & (columns["attempt"] == 1)
        count = int(first.sum())
        if not self.load.open_loop or count < 2:
            return
        due, at = columns["scheduled"][first], columns.departed[first]
        asked = (count - 1) / max(int(due.max() - due.min()), 1) * 1e9
        achieved = (count - 1) / max(int(at.max() - at.min()), 1) * 1e9
        values["rate_asked"], values["rate_achieved"] = asked, achieved
        if values["held_back"]:
            return  # which is said already
        # A burst has no rate: all at one instant.
        if due.max() - due.min() > 1_000_000_000 and abs(achieved / asked - 1) > RATE_SHARE:
            self.doubts.append(f"{achieved:.2f} requests/s were sent where {asked:.2f} were due")

    def check_calibration(self, limits: Mapping[str, float]) -> None:
        """Did more come in than this machine's client was once seen to measure correctly?"""
        columns = self._columns
        flown = self._sent & (columns["done"] != ABSENT)
        if not flown.any():
            return
        begun, ended = columns["sent"][flown].min(), columns["done"][flown].max()
        rate = float(columns["events"][flown].sum()) / max(int(ended - begun), 1) * 1e9
        self.values["events_per_s"] = rate
        # Of a machine that stood still 0 was kept once: that is no limit.
        if limits.get("events_per_s") and rate > limits["events_per_s"]:
            self.doubts.append(
                f"{rate:.0f} events/s came in; `aisbench calibrate` found this machine's client "
                f"true up to {limits['events_per_s']:.0f} events/s"
            )


def _joined(lists: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    return np.concatenate([np.empty(0), *(np.asarray(one, dtype=np.float64) for one in lists)])
