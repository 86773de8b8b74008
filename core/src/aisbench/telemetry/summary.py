"""Readings of a server's metrics as figures of the time between the first and the last."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.telemetry.brackets import gap
from aisbench.telemetry.families import COUNTERS, GAUGES, SHARES, Series
from aisbench.telemetry.latencies import PERCENTILES, latencies
from aisbench.telemetry.snapshot import Snapshot
from aisbench.types.performance import Statistics

NS = 1e9


def summarize_scrapes(scrapes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures by name; what the server does not publish is listed under ``missing``.

    ``scrapes`` are readings as stored: ``time_ns``, ``until_ns``, ``url``, ``text``, ``error``.
    Several urls (replicas) are added up. Never raises on what a server sent.
    """
    by_url: dict[str, list[Snapshot]] = defaultdict(list)
    errors: dict[str, str] = {}
    lost: dict[str, int] = defaultdict(int)
    late: dict[str, int] = {}
    for one in scrapes:
        url = one["url"]
        if one.get("error"):
            errors[url] = one["error"]
            lost[url] += 1
            late[url] = one.get("time_ns", 0)
        elif one.get("text"):
            late.pop(url, None)
            snapshot = Snapshot(one["text"], one.get("time_ns", 0), one.get("until_ns", 0))
            by_url[url].append(snapshot)
    result: dict[str, Any] = {"readings": sum(map(len, by_url.values()))}
    if by_url:
        result["from"] = ", ".join(by_url)
    if errors:
        result["errors"] = errors
        result["readings_lost"] = sum(lost.values())
    for url, when in late.items():
        if by_url.get(url):
            seconds = (when - by_url[url][-1].begun_ns) / NS
            result.setdefault("cut_short", {})[url] = (
                f"not read in the last {seconds:.1f} s: the figures end before the load did"
            )
    servers = [found for found in by_url.values() if len(found) > 1]
    if not servers:
        result["missing"] = (
            "all: no server was read twice, so nothing is known of the time between"
        )
        return result
    missing: list[str] = []
    counters = _counters(servers, missing)
    result["counters"] = counters
    result["levels"] = _levels(servers, missing)
    result["latencies"] = latencies(servers, missing)
    if restarts := sum(_restarts(readings) for readings in servers):
        result["restarts"] = restarts
        result["restarted"] = (
            "counters fell: the server began anew, and what it counted between the last reading "
            "before and its end is lost; latencies are those since then"
        )
    result.update(_derived(counters, servers))
    result["missing"] = ", ".join(missing) or "nothing"
    return result


def _restarts(readings: Sequence[Snapshot]) -> int:
    """How often counters fell; one that alone fell counts too."""
    fell = set()
    for several in COUNTERS.values():
        for place, (before, after) in enumerate(itertools.pairwise(_totals(readings, several))):
            if after < before:
                fell.add(place)
    return len(fell)


def _totals(readings: Sequence[Snapshot], several: Sequence[Series]) -> list[float]:
    """The values of the series that the last reading has first; 0 where it was not there yet."""
    found = readings[-1].first(several)
    if found is None:
        return []
    return [float(sum(one.values(found[0]))) for one in readings]


def _counters(servers: Sequence[Sequence[Snapshot]], missing: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, several in COUNTERS.items():
        series = [totals for one in servers if (totals := _totals(one, several))]
        if not series:
            missing.append(key)
            continue
        # A counter that fell was reset by a restart of the server: it counted from 0.
        gained = math.fsum(
            after - before if after >= before else after
            for totals in series
            for before, after in itertools.pairwise(totals)
        )
        found[key] = int(gained) if gained.is_integer() else gained
    return found


def _levels(servers: Sequence[Sequence[Snapshot]], missing: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, several in (*GAUGES.items(), *SHARES.items()):
        series = []
        for readings in servers:
            values = list(_levels_of(readings, several, mean=key in SHARES))
            if values:
                series.append(values)
        if not series:
            missing.append(key)
            continue
        parts = len(series) if key in SHARES else 1
        found[key] = {
            "mean": sum(sum(one) / len(one) for one in series) / parts,
            "max": max(map(max, series)) if key in SHARES else sum(map(max, series)),
        }
    return found


def _levels_of(
    readings: Sequence[Snapshot], several: Sequence[Series], mean: bool
) -> Iterator[float]:
    for one in readings:
        level = one.first(several)
        if level is not None:
            yield level[1] / len(one.values(level[0])) if mean else level[1]


def _derived(
    counters: Mapping[str, float], servers: Sequence[Sequence[Snapshot]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    hits, queries = counters.get("prefix_cache_hits"), counters.get("prefix_cache_queries")
    if hits is None or queries is None:
        hits, queries = counters.get("cached_tokens"), counters.get("prompt_tokens")
    if queries and hits is not None:
        found["prefix_cache_hit_rate_percent"] = 100 * hits / queries
    drafts, offered = counters.get("drafts"), counters.get("draft_tokens")
    accepted = counters.get("accepted_tokens")
    if drafts and offered and accepted is not None:
        positions: dict[str, float] = defaultdict(float)
        for readings in servers:
            for position, value in readings[-1].positions.items():
                positions[position] += value - readings[0].positions.get(position, 0.0)
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
) -> dict[str, dict[str, Any]]:
    """Client minus server, in ms, for each latency that both have.

    The gap of TTFT is what network, HTTP front end and client add; that of ITL should be nearly
    nothing. A server's percentile is known to a bracket: the gap is one too, and is left out where
    the bracket is wider than the gap. Counts that differ are told: then the server served others
    as well, or measures other requests (those that failed, those before the load).
    """
    found: dict[str, dict[str, Any]] = {}
    for key, server in summary.get("latencies", {}).items():
        seen = client.get(key)
        if seen is None or not math.isfinite(seen.mean):
            continue
        gaps: dict[str, Any] = {"mean_ms": seen.mean - server["mean_ms"]}
        for wanted in PERCENTILES:
            name = f"p{wanted}"
            if name in seen.percentiles and f"{name}_ms" in server:
                low, high = server[f"{name}_ms"]
                difference = gap(seen.percentiles[name], (low, high))
                if difference is not None:
                    gaps[f"{name}_ms"] = list(difference)
        if key in ("ttft", "e2el") and seen.n != server["n"]:
            gaps["n_client"], gaps["n_server"] = seen.n, server["n"]
        found[key] = gaps
    return found
