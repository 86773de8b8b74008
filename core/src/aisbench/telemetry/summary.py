"""Readings of a server's metrics as figures of the time between the first and the last."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.telemetry.families import (
    ACCEPTED_BY_POSITION,
    COUNTERS,
    GAUGES,
    HISTOGRAMS,
    Histogram,
)
from aisbench.telemetry.parse import Reading, parse
from aisbench.types.performance import Statistics

PERCENTILES = (50, 99)


class Snapshot:
    """One reading, sums over the label sets of each name."""

    def __init__(self, text: str) -> None:
        self.sums: dict[str, float] = defaultdict(float)
        self.buckets: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
        self.positions: dict[str, float] = defaultdict(float)
        for one in parse(text):
            self._take(one)

    def _take(self, one: Reading) -> None:
        if one.name.endswith("_bucket") and "le" in one.labels:
            try:
                bound = float(one.labels["le"])
            except ValueError:
                return
            self.buckets[one.name.removesuffix("_bucket")][bound] += one.value
            return
        name = one.name.removesuffix("_total")
        self.sums[name] += one.value
        if name == ACCEPTED_BY_POSITION:
            self.positions[one.labels.get("position", "?")] += one.value

    def find(self, names: Sequence[str]) -> tuple[str, float] | None:
        """The first of the names that is there, with its value."""
        for name in names:
            if name in self.sums:
                return name, self.sums[name]
        return None


def summarize_scrapes(scrapes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures by name; what the server does not publish is listed under ``missing``.

    ``scrapes`` are readings as stored: ``time_ns``, ``url``, ``text``, ``error``. Several urls
    (replicas) are added up. Never raises on what a server sent.
    """
    by_url: dict[str, list[Snapshot]] = defaultdict(list)
    errors: dict[str, str] = {}
    for one in scrapes:
        if one.get("error"):
            errors[one["url"]] = one["error"]
        elif one.get("text"):
            by_url[one["url"]].append(Snapshot(one["text"]))
    result: dict[str, Any] = {"readings": sum(map(len, by_url.values()))}
    if errors:
        result["errors"] = errors
    pairs = [(found[0], found[-1]) for found in by_url.values() if len(found) > 1]
    if not pairs:
        result["missing"] = (
            "all: no server was read twice, so nothing is known of the time between"
        )
        return result
    missing: list[str] = []
    counters = _counters(pairs, missing)
    result["counters"] = counters
    result["levels"] = _gauges(list(by_url.values()), missing)
    result["latencies"] = _histograms(pairs, missing)
    result.update(_derived(counters, pairs))
    result["missing"] = ", ".join(missing) or "nothing"
    return result


def _counters(pairs: Sequence[tuple[Snapshot, Snapshot]], missing: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, names in COUNTERS.items():
        total = None
        for first, last in pairs:
            ended = last.find(names)
            if ended is None:
                continue
            begun = first.sums.get(ended[0], 0.0)
            # A counter that fell was reset by a restart of the server: it counted from 0.
            gain = ended[1] - begun if ended[1] >= begun else ended[1]
            total = (total or 0.0) + gain
        if total is None:
            missing.append(key)
        else:
            found[key] = total
    return found


def _gauges(servers: Sequence[Sequence[Snapshot]], missing: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, names in GAUGES.items():
        series = [
            [level[1] for level in (one.find(names) for one in readings) if level is not None]
            for readings in servers
        ]
        series = [one for one in series if one]
        if not series:
            missing.append(key)
            continue
        found[key] = {
            "mean": math.fsum(math.fsum(one) / len(one) for one in series),
            "max": math.fsum(max(one) for one in series),
        }
    return found


def _histograms(pairs: Sequence[tuple[Snapshot, Snapshot]], missing: list[str]) -> dict[str, Any]:
    found = {}
    for key, histogram in HISTOGRAMS.items():
        figures = _histogram(pairs, histogram)
        if figures is None:
            missing.append(key)
        else:
            found[key] = figures
    return found


def _histogram(
    pairs: Sequence[tuple[Snapshot, Snapshot]], histogram: Histogram
) -> dict[str, Any] | None:
    buckets: dict[float, float] = defaultdict(float)
    count = total = 0.0
    name = ""
    for first, last in pairs:
        name = next((one for one in histogram.names if f"{one}_count" in last.sums), "")
        if not name:
            continue
        count += last.sums[f"{name}_count"] - first.sums.get(f"{name}_count", 0.0)
        total += last.sums.get(f"{name}_sum", 0.0) - first.sums.get(f"{name}_sum", 0.0)
        for bound, value in last.buckets.get(name, {}).items():
            buckets[bound] += value - first.buckets.get(name, {}).get(bound, 0.0)
    if not name or count <= 0:
        return None
    figures: dict[str, Any] = {
        "metric": name,
        "n": count,
        "mean_ms": total / count * histogram.ms,
    }
    for wanted in PERCENTILES:
        place = _percentile(sorted(buckets.items()), wanted / 100 * count)
        if place is not None:
            value, low, high = place
            figures[f"p{wanted}_ms"] = value * histogram.ms
            figures[f"p{wanted}_between_ms"] = [low * histogram.ms, high * histogram.ms]
    return figures


def _percentile(
    buckets: Sequence[tuple[float, float]], rank: float
) -> tuple[float, float, float] | None:
    """The value at ``rank``, evenly spread within its bucket as Prometheus's histogram_quantile
    does, and the bucket's bounds; None when it lies beyond the last finite one."""
    low = before = 0.0
    for bound, cumulated in buckets:
        if cumulated >= rank and cumulated > before:
            if math.isinf(bound):
                return None
            share = (rank - before) / (cumulated - before)
            return low + (bound - low) * share, low, bound
        low, before = bound, cumulated
    return None


def _derived(
    counters: Mapping[str, float], pairs: Sequence[tuple[Snapshot, Snapshot]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if queries := counters.get("prefix_cache_queries"):
        found["prefix_cache_hit_rate_percent"] = 100 * counters["prefix_cache_hits"] / queries
    drafts, offered = counters.get("drafts", 0.0), counters.get("draft_tokens", 0.0)
    if drafts and offered:
        accepted = counters.get("accepted_tokens", 0.0)
        positions: dict[str, float] = defaultdict(float)
        for first, last in pairs:
            for position, value in last.positions.items():
                positions[position] += value - first.positions.get(position, 0.0)
        found["speculative_decoding"] = {
            "acceptance_rate_percent": 100 * accepted / offered,
            # The token that the model itself adds to what was accepted of a draft.
            "acceptance_length": 1 + accepted / drafts,
            "acceptance_by_position": {
                position: value / drafts for position, value in sorted(positions.items())
            },
        }
    return found


def compare(
    client: Mapping[str, Statistics], summary: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    """Client minus server, in ms, for each latency that both have.

    The gap of TTFT is what network, HTTP front end and client add; that of ITL should be nearly
    nothing. The server's percentiles are only as fine as its buckets.
    """
    found: dict[str, dict[str, float]] = {}
    for key, server in summary.get("latencies", {}).items():
        seen = client.get(key)
        if seen is None:
            continue
        gap = {"mean_ms": seen.mean - server["mean_ms"]}
        for wanted in PERCENTILES:
            name = f"p{wanted}"
            if name in seen.percentiles and f"{name}_ms" in server:
                gap[f"{name}_ms"] = seen.percentiles[name] - server[f"{name}_ms"]
        found[key] = gap
    return found
