"""Latencies as a server published them: means, and brackets of percentiles."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from attrs import frozen

from aisbench.telemetry.brackets import Distribution, bracket, distribution
from aisbench.telemetry.families import GAUGES, HISTOGRAMS, MEANS, HistogramNames, Mean
from aisbench.telemetry.snapshot import Snapshot, plain
from aisbench.types.server_metrics import ServerLatency

NS = 1e9


@frozen
class _Gain:
    """What one server's histogram gained."""

    name: str
    n: float
    total: float
    slack: float
    buckets: dict[float, float]
    most: float
    """s that no request can have taken; inf where nothing says so."""


def latencies(
    servers: Sequence[Sequence[Snapshot]], missing: list[str]
) -> dict[str, ServerLatency]:
    """By name. Those that no server publishes are added to ``missing``."""
    found: dict[str, ServerLatency] = {}
    for key in dict.fromkeys((*HISTOGRAMS, *MEANS)):
        histogram = HISTOGRAMS.get(key)
        figures = _histogram(servers, histogram) if histogram is not None else None
        figures = figures or _mean(servers, MEANS.get(key, ()))
        if figures is None:
            missing.append(key)
        else:
            found[key] = figures
    return found


def _histogram(
    servers: Sequence[Sequence[Snapshot]], histogram: HistogramNames
) -> ServerLatency | None:
    gains = [gain for one in servers if (gain := _gained(one, histogram)) is not None]
    # Of replicas of different servers the units may differ: those of the first count.
    gains = [one for one in gains if (one.name in histogram.names_ms) == _in_ms(gains, histogram)]
    n = math.fsum(one.n for one in gains)
    if n <= 0:
        return None
    ms = 1.0 if _in_ms(gains, histogram) else 1e3
    total = sum(one.total for one in gains)
    cumulated = _cumulated(gains)
    most = max(one.most for one in gains) * (1e3 if ms == 1.0 else 1.0)
    seen = distribution(cumulated, n, total, most, sum(one.slack for one in gains))
    known = seen if cumulated else None
    return ServerLatency(
        metric=gains[0].name,
        n=int(n) if n.is_integer() else n,
        mean_ms=total / n * ms,
        p50_ms=_between(known, 50, ms),
        p99_ms=_between(known, 99, ms),
    )


def _cumulated(gains: Sequence[_Gain]) -> dict[float, float]:
    """The counts at or below each bound, of all servers together. Bounds that only some of the
    servers have say nothing of all."""
    shared = set.intersection(*(set(one.buckets) for one in gains))
    return {bound: sum(one.buckets[bound] for one in gains) for bound in shared}


def _between(
    seen: Distribution | None, percentile: float, ms: float
) -> tuple[float, float] | None:
    """Two values between which the percentile lies; ``ms`` is one unit in milliseconds."""
    if seen is None:
        return None
    low, high = bracket(seen, percentile)
    return (low * ms, high * ms) if math.isfinite(high) else None


def _in_ms(gains: Sequence[_Gain], histogram: HistogramNames) -> bool:
    return bool(gains) and gains[0].name in histogram.names_ms


def _gained(readings: Sequence[Snapshot], histogram: HistogramNames) -> _Gain | None:
    last = readings[-1]
    for name in (*histogram.names, *histogram.names_ms):
        count = last.total(f"{name}_count")
        if count is None:
            continue
        counts = [one.total(f"{name}_count") or 0.0 for one in readings]
        anew = any(after < before for before, after in itertools.pairwise(counts))
        first = Snapshot("") if anew else readings[0]
        total = last.total(f"{name}_sum") or 0.0
        buckets = {
            bound: value - _before(first, name, bound)
            for bound, value in _buckets(last, name).items()
        }
        n = count - (first.total(f"{name}_count") or 0.0)
        return _Gain(
            name=name,
            n=n,
            total=total - (first.total(f"{name}_sum") or 0.0),
            # Each addition to a running sum rounds it, to half of its last digit at most.
            slack=(n + 2) * math.ulp(total),
            buckets=buckets,
            most=math.inf if anew else _longest(readings),
        )
    return None


def _buckets(snapshot: Snapshot, name: str) -> dict[float, float]:
    return snapshot.buckets.get(plain(name), {})


def _before(first: Snapshot, name: str, bound: float) -> float:
    return _buckets(first, name).get(bound, 0.0)


def _longest(readings: Sequence[Snapshot]) -> float:
    """Seconds between the first reading and the last, inf unless the server was idle at the first:
    then no request can have taken longer."""
    for key in ("running_requests", "waiting_requests"):
        level = readings[0].first(GAUGES[key])
        if level is None or level[1] != 0:
            return math.inf
    span = readings[-1].ended_ns - readings[0].begun_ns
    return span / NS if span > 0 else math.inf


def _mean(servers: Sequence[Sequence[Snapshot]], several: Sequence[Mean]) -> ServerLatency | None:
    for one in several:
        pairs = [pair for readings in servers for pair in _pairs(readings, one)]
        n = sum(count for count, _ in pairs)
        if n > 0:
            return ServerLatency(
                metric=f"{one.total} / {one.count}",
                n=int(n) if float(n).is_integer() else n,
                mean_ms=sum(total for _, total in pairs) / n * one.ms,
            )
    return None


def _pairs(readings: Sequence[Snapshot], mean: Mean) -> Iterator[tuple[float, float]]:
    """What count and sum gained between each two readings."""
    for before, after in itertools.pairwise(readings):
        count, total = after.total(mean.count), after.total(mean.total)
        if count is None or total is None:
            continue
        begun = before.total(mean.count) or 0.0, before.total(mean.total) or 0.0
        if count < begun[0] or total < begun[1]:
            begun = 0.0, 0.0
        yield count - begun[0], total - begun[1]
