"""Whether the client kept up, and whether answers came as they should: figures and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from aisbench.metrics.delivery import Delivery
from aisbench.metrics.requests import attempts, succeeded
from aisbench.store.recording.columns import ABSENT, AttemptOutcome, Phase, Recording
from aisbench.store.recording.documents import LoadDocument, WorkerTotals
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
    columns = recording.columns
    measured = columns["phase"] == Phase.MEASURED
    sent = measured & (columns["sent"] != ABSENT)
    values: dict[str, float] = {}
    doubts: list[str] = []
    others: list[str] = []
    lag = (columns["sent"] - columns["scheduled"])[sent & (columns["attempt"] == 1)] / 1e6
    _spread(values, "schedule_lag_ms", lag)
    reports, counters = load.workers, load.counters
    _spread(values, "read_lag_ms", _joined([one.read_lag_ns for one in reports]) / 1e6)
    _spread(values, "loop_lag_ms", _joined([one.loop_lag_ns for one in reports]) / 1e6)
    shares = [one.cpu_ns / one.wall_ns for one in counters if one.wall_ns > 0]
    values["workers"] = len(counters)
    values["cpu_share_max"] = max(shares, default=0.0)
    values["cpu_share_mean"] = float(np.mean(shares)) if shares else 0.0
    memory = (load.memory_bytes or 0) + sum(one.max_rss_bytes or 0 for one in reports)
    values["memory_mb"] = memory / 1e6
    stalls = load.stalls_ns
    values["stalls"] = len(stalls)
    values["stall_ms_max"] = max(stalls, default=0) / 1e6
    _connections(values, counters, columns, sent)
    good = measured & (columns["outcome"] == AttemptOutcome.SUCCESS)
    reads, events = int(columns["reads"][measured].sum()), int(columns["events"][measured].sum())
    values["events_per_read"] = events / reads if reads else 0.0
    ttft = (columns["first_token"] - columns["sent"])[good & (columns["first_token"] != ABSENT)]
    median_ms = float(np.median(ttft)) / 1e6 if len(ttft) else 0.0
    held = sum(one.held_back for one in counters)
    values["held_back"] = held
    if held:
        doubts.append(
            f"{held:.0f} requests waited because load.max_concurrency, or the system's limit on "
            "open files, was reached: latencies from the schedule include that wait"
        )
    elif not load.open_loop:
        _idleness(values, doubts, others, lag, recording)
    elif values.get("schedule_lag_ms_p99", 0) > max(LAG_MS, SHARE_OF_LATENCY * median_ms):
        doubts.append(
            f"requests were sent late (99th percentile {values['schedule_lag_ms_p99']:.1f} ms): "
            "the load was lighter than asked for a moment, and latencies from the schedule "
            "include that"
        )
    slack = max(READ_LAG_MS, SHARE_OF_LATENCY * median_ms)
    if values.get("read_lag_ms_mean", 0) > slack:
        doubts.append(
            f"answers were read late (mean {values['read_lag_ms_mean']:.1f} ms, 99th percentile "
            f"{values['read_lag_ms_p99']:.1f} ms): TTFT and ITL read so much too high"
        )
    if values["cpu_share_max"] > BUSY:
        doubts.append(
            f"a worker used {values['cpu_share_max']:.0%} of a core: throughput may be the "
            "client's limit; set load.workers higher"
        )
    if doubts and stalls:
        doubts.append(
            f"the machine itself stood still, or had no core left, {len(stalls)} times (up to "
            f"{values['stall_ms_max']:.0f} ms): that is no fault of the client, and the figures "
            "suffer all the same"
        )
    _rate(values, doubts if not held else [], load, columns, sent)
    _calibration(values, doubts, limits, columns, sent)
    if came is not None:
        values.update(came.values)
        others += came.doubts
    return Health(kept_up=not doubts, doubts=(*doubts, *others), values=values)


def _joined(lists: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    return np.concatenate([np.empty(0), *(np.asarray(one, dtype=np.float64) for one in lists)])


def _spread(values: dict[str, float], name: str, sample: NDArray[np.float64]) -> None:
    if len(sample):
        values[f"{name}_mean"] = float(sample.mean())
        values[f"{name}_p99"] = float(np.percentile(sample, 99))
        values[f"{name}_max"] = float(sample.max())


def _idleness(
    values: dict[str, float],
    doubts: list[str],
    others: list[str],
    lag: NDArray[np.float64],
    recording: Recording,
) -> None:
    """In a closed loop lateness only makes the load lighter: clients idle between requests.

    The share is that of all requests. Those that fail, or are answered with nothing, may end at
    once, and no client is fast beside them: it is blamed only for an idleness that would be as
    large if all had lasted as long as a real answer.
    """
    columns = recording.columns
    flown = attempts(recording) & (columns["sent"] != ABSENT) & (columns["done"] != ABSENT)
    lasted = (columns["done"] - columns["sent"]) / 1e6
    busy, idle = float(lasted[flown].sum()), float(lag.sum())
    values["idle_share"] = idle / (idle + busy) if idle + busy > 0 else 0.0
    if values["idle_share"] <= SHARE_OF_LATENCY:
        return
    sentence = (
        f"virtual clients idled {values['idle_share']:.1%} of the time between an answer and "
        "the next request: concurrency was lower than asked by so much"
    )
    real = succeeded(recording) & ((columns["events"] > 0) | (columns["completion_tokens"] > 0))
    quick = int(np.count_nonzero(flown & ~real))
    answer = float(lasted[real].mean()) if real.any() else math.inf
    pause = float(lag.mean())
    if not quick or pause / (pause + answer) > SHARE_OF_LATENCY:
        doubts.append(sentence)
    else:
        others.append(
            f"{sentence}; that is because {quick} of {int(np.count_nonzero(flown))} requests "
            "failed or brought no token, and ended at once"
        )


def _connections(
    values: dict[str, float],
    counters: Sequence[WorkerTotals],
    columns: Mapping[str, NDArray[np.int64]],
    sent: NDArray[np.bool_],
) -> None:
    before = sum(one.opened_before for one in counters)
    values["connections_opened"] = sum(one.opened for one in counters)
    spent = sum(one.opening_ns for one in counters)
    late = columns["connect"][sent & (columns["connect"] > 0)]
    values["connect_before_start_ms_mean"] = spent / max(before, 1) / 1e6
    values["connect_before_start_ms_max"] = (
        max((one.opening_longest_ns for one in counters), default=0) / 1e6
    )
    values["connected_late"] = len(late)
    values["connected_late_ms_mean"] = float(late.mean()) / 1e6 if len(late) else 0.0
    values["reconnects"] = sum(one.reconnects for one in counters)


def _rate(
    values: dict[str, float],
    doubts: list[str],
    load: LoadDocument,
    columns: Mapping[str, NDArray[np.int64]],
    sent: NDArray[np.bool_],
) -> None:
    """In an open loop: were requests sent at the rate of their schedule?"""
    if not load.open_loop:
        return
    first = sent & (columns["turn"] == 0) & (columns["attempt"] == 1)
    count = int(first.sum())
    if count < 2:
        return
    due, at = columns["scheduled"][first], columns["sent"][first]
    asked = (count - 1) / max(int(due.max() - due.min()), 1) * 1e9
    achieved = (count - 1) / max(int(at.max() - at.min()), 1) * 1e9
    values["rate_asked"], values["rate_achieved"] = asked, achieved
    # A burst has no rate: all at one instant.
    if due.max() - due.min() > 1_000_000_000 and abs(achieved / asked - 1) > RATE_SHARE:
        doubts.append(f"{achieved:.2f} requests/s were sent where {asked:.2f} were due")


def _calibration(
    values: dict[str, float],
    doubts: list[str],
    limits: Mapping[str, float],
    columns: Mapping[str, NDArray[np.int64]],
    sent: NDArray[np.bool_],
) -> None:
    """Beyond what this machine's client was once seen to measure rightly?"""
    flown = sent & (columns["done"] != ABSENT)
    if not flown.any():
        return
    begun, ended = columns["sent"][flown].min(), columns["done"][flown].max()
    rate = float(columns["events"][flown].sum()) / max(int(ended - begun), 1) * 1e9
    values["events_per_s"] = rate
    # Of a machine that stood still 0 was kept once: that is no limit.
    if limits.get("events_per_s") and rate > limits["events_per_s"]:
        doubts.append(
            f"{rate:.0f} events/s came in; `aisbench calibrate` found this machine's client true "
            f"up to {limits['events_per_s']:.0f} events/s"
        )
