"""Readings of a server's metrics as figures of the time between the first and the last."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import attrs

from aisbench.base.natural_order import natural
from aisbench.telemetry.brackets import gap
from aisbench.telemetry.families import (
    COUNTERS,
    DISAGGREGATED,
    GAUGES,
    OWNERS,
    SHARES,
    Series,
)
from aisbench.telemetry.latencies import latencies
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.snapshot import Snapshot
from aisbench.types.performance import Statistics
from aisbench.types.server_metrics import (
    LatencyGap,
    Number,
    ServerLatency,
    ServerLevel,
    ServerMetrics,
    SpeculativeDecoding,
)

NS = 1e9
RESTARTED = (
    "counters fell: the server began anew, and what it counted between the last reading before "
    "and its end is lost; latencies are those since then"
)


def summarize_scrapes(scrapes: Sequence[Scrape]) -> ServerMetrics:
    """Figures by name; what the server does not publish is listed in ``missing``.

    Several urls (replicas) are added up, those of different roles never: each role has figures of
    its own, and of the deployment are told only those that one role counts for all. Never raises
    on what a server sent.
    """
    by_role: dict[str, list[Scrape]] = defaultdict(list)
    for one in scrapes:
        by_role[one.role].append(one)
    if set(by_role) <= {""}:
        return _summarized(scrapes)
    return _of_roles({role: _summarized(found) for role, found in by_role.items()})


def scrapes_of(scrapes: Sequence[Scrape], role: str) -> Sequence[Scrape]:
    """The readings of one role; all where no roles are told apart."""
    return [one for one in scrapes if one.role in ("", role)]


def _of_roles(roles: Mapping[str, ServerMetrics]) -> ServerMetrics:
    """The figures of a deployment: each of the role that counts it for all."""
    counters = _owned(roles)
    every = roles.values()
    router, decode = roles.get("router"), roles.get("decode")
    return ServerMetrics(
        readings=sum(one.readings for one in every),
        read_from="; ".join(f"{role}: {one.read_from}" for role, one in roles.items()),
        errors={url: error for one in every for url, error in one.errors.items()},
        readings_lost=sum(one.readings_lost for one in every),
        cut_short={url: when for one in every for url, when in one.cut_short.items()},
        counters=counters or None,
        # Another role sees a part of a request's way alone.
        latencies=router.latencies if router is not None else None,
        restarts=sum(one.restarts for one in every),
        restarted=next((one.restarted for one in every if one.restarted), ""),
        prefix_cache_hit_rate_percent=_hit_rate(counters),
        speculative_decoding=None if decode is None else decode.speculative_decoding,
        missing="what several roles count is told for each of them: it is never added up",
        roles=dict(roles),
    )


def _owned(roles: Mapping[str, ServerMetrics]) -> dict[str, Number]:
    """What one role counts for all."""
    counters: dict[str, Number] = {}
    for name, role in OWNERS.items():
        found = roles[role].counters if role in roles else None
        if found is not None and name in found:
            counters[name] = found[name]
    return counters


def _summarized(scrapes: Sequence[Scrape]) -> ServerMetrics:
    """Of servers that do the same."""
    by_url: dict[str, list[Snapshot]] = defaultdict(list)
    errors: dict[str, str] = {}
    late: dict[str, int] = {}
    lost = 0
    for one in scrapes:
        url = one.url
        if one.error:
            errors[url] = one.error
            lost += 1
            late[url] = one.time_ns
        elif one.text:
            late.pop(url, None)
            by_url[url].append(Snapshot(one.text, one.time_ns, one.until_ns))
    found = ServerMetrics(
        readings=sum(map(len, by_url.values())),
        read_from=", ".join(by_url),
        errors=errors,
        readings_lost=lost,
        cut_short={
            url: f"not read in the last {(when - by_url[url][-1].begun_ns) / NS:.1f} s: the "
            "figures end before the load did"
            for url, when in late.items()
            if by_url.get(url)
        },
        missing="all: no server was read twice, so nothing is known of the time between",
    )
    servers = [readings for readings in by_url.values() if len(readings) > 1]
    return _with_figures(found, servers) if servers else found


def _with_figures(found: ServerMetrics, servers: Sequence[Sequence[Snapshot]]) -> ServerMetrics:
    """``found`` with what is known of the time between the readings."""
    missing: list[str] = []
    counters = _counters(servers, missing)
    levels = _levels(servers, missing)
    measured = latencies(servers, missing)
    restarts = sum(_restarts(readings) for readings in servers)
    return attrs.evolve(
        found,
        counters=counters,
        levels=levels,
        latencies=measured,
        restarts=restarts,
        restarted=RESTARTED if restarts else "",
        prefix_cache_hit_rate_percent=_hit_rate(counters),
        speculative_decoding=_speculation(counters, servers),
        missing=", ".join(one for one in missing if one not in DISAGGREGATED) or "nothing",
    )


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


def _counters(servers: Sequence[Sequence[Snapshot]], missing: list[str]) -> dict[str, Number]:
    found: dict[str, Number] = {}
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


def _levels(servers: Sequence[Sequence[Snapshot]], missing: list[str]) -> dict[str, ServerLevel]:
    found: dict[str, ServerLevel] = {}
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
        found[key] = ServerLevel(
            mean=sum(sum(one) / len(one) for one in series) / parts,
            max=max(map(max, series)) if key in SHARES else sum(map(max, series)),
        )
    return found


def _levels_of(
    readings: Sequence[Snapshot], several: Sequence[Series], mean: bool
) -> Iterator[float]:
    for one in readings:
        level = one.first(several)
        if level is not None:
            yield level[1] / len(one.values(level[0])) if mean else level[1]


def _hit_rate(counters: Mapping[str, Number]) -> float | None:
    """Of the prefix cache, in percent."""
    hits, queries = counters.get("prefix_cache_hits"), counters.get("prefix_cache_queries")
    if hits is None or queries is None:
        hits, queries = counters.get("cached_tokens"), counters.get("prompt_tokens")
    return 100 * hits / queries if queries and hits is not None else None


def _speculation(
    counters: Mapping[str, Number], servers: Sequence[Sequence[Snapshot]]
) -> SpeculativeDecoding | None:
    drafts, offered = counters.get("drafts"), counters.get("draft_tokens")
    accepted = counters.get("accepted_tokens")
    if not offered or accepted is None:
        return None
    positions: dict[str, float] = defaultdict(float)
    for readings in servers:
        for position, value in readings[-1].positions.items():
            positions[position] += value - readings[0].positions.get(position, 0.0)
    return SpeculativeDecoding(
        acceptance_rate_percent=100 * accepted / offered,
        # The token that the model itself adds to what was accepted of a draft.
        acceptance_length=1 + accepted / drafts if drafts else None,
        acceptance_by_position={
            position: value / drafts
            for position, value in sorted(positions.items(), key=lambda one: natural(one[0]))
            if drafts
        },
    )


def compare(
    client: Mapping[str, Statistics], latencies: Mapping[str, ServerLatency]
) -> dict[str, LatencyGap]:
    """Client minus server, in ms, for each latency that both have.

    The gap of TTFT is what network, HTTP front end and client add; that of ITL should be nearly
    nothing. Only two bounds of a server's percentile are known, so the gap has two bounds as well;
    it is left out where they are farther apart than the gap is large. Counts that differ are told:
    then the server served others as well, or measures other requests (those that failed, those
    before the load).
    """
    found = {}
    for key, server in latencies.items():
        seen = client.get(key)
        if seen is None or not math.isfinite(seen.mean):
            continue
        other = key in ("ttft", "e2el") and seen.n != server.n
        found[key] = LatencyGap(
            mean_ms=seen.mean - server.mean_ms,
            p50_ms=_gap(seen.percentiles.get("p50"), server.p50_ms),
            p99_ms=_gap(seen.percentiles.get("p99"), server.p99_ms),
            n_client=seen.n if other else None,
            n_server=server.n if other else None,
        )
    return found


def _gap(seen: float | None, between: tuple[float, float] | None) -> tuple[float, float] | None:
    return None if seen is None or between is None else gap(seen, between)
