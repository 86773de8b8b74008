"""What a server published over a load, on one axis of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from aisbench.telemetry.families import COUNTERS, GAUGES, SHARES, Series
from aisbench.telemetry.reading import Scrape
from aisbench.telemetry.snapshot import Snapshot
from aisbench.types.series import ServerLine

NS = 1e9
RATES = {
    "prompt_tokens": "tokens/s",
    "generation_tokens": "tokens/s",
    "requests": "requests/s",
    "preemptions": "1/s",
    "kv_transfers": "1/s",
    "kv_transfer_bytes": "B/s",
    "kv_transfer_megabytes": "MB/s",
}
"""Counters that are shown as rates."""
UNITS = {
    "running_requests": "requests",
    "waiting_requests": "requests",
    "prefill_queue": "requests",
    "prefill_transfers": "requests",
    "decode_queue": "requests",
    "decode_transfers": "requests",
    "cache_usage": "share",
    "cache_hit_rate": "share",
    "accept_length": "tokens",
    "accept_rate": "share",
}

_Values = Mapping[int, float]
"""By the number of the reading."""


def server_lines(scrapes: Sequence[Scrape], zero_ns: int) -> tuple[ServerLine, ...]:
    """Every line that the servers published something of; instants are ns after ``zero_ns``.

    Servers are read at the same instants: the n-th readings of all belong together. A reading
    that is missing, of any server, leaves the sums of that instant unknown.

    Servers of different roles are never added up: each role has lines of its own.
    """
    by_role: dict[str, list[Scrape]] = defaultdict(list)
    for one in scrapes:
        by_role[one.role].append(one)
    return tuple(line for role, some in by_role.items() for line in _role(role, some, zero_ns))


def _role(role: str, scrapes: Sequence[Scrape], zero_ns: int) -> tuple[ServerLine, ...]:
    by_url: dict[str, list[Snapshot | None]] = defaultdict(list)
    times: dict[str, list[int]] = defaultdict(list)
    for one in scrapes:
        whole = one.text and not one.error
        by_url[one.url].append(Snapshot(one.text, one.time_ns, one.until_ns) if whole else None)
        times[one.url].append(one.time_ns)
    servers = [found for found in by_url.values() if any(one is not None for one in found)]
    if not servers:
        return ()
    readings = max(map(len, servers))
    longest = max(times.values(), key=len)
    at = tuple(one - zero_ns for one in longest[:readings])
    return tuple(
        ServerLine(name=name, unit=unit, times_ns=at, values=values, role=role)
        for name, unit, values in _lines(servers, at)
        if any(one is not None for one in values)
    )


def _lines(
    servers: Sequence[Sequence[Snapshot | None]], at: Sequence[int]
) -> Iterator[tuple[str, str, tuple[float | None, ...]]]:
    for name, several in (*GAUGES.items(), *SHARES.items()):
        mean = name in SHARES
        found = [_levels(one, several, mean) for one in servers]
        yield name, UNITS.get(name, ""), _together(found, len(at), mean)
    gained = {
        name: _together([_gains(one, several) for one in servers], len(at), mean=False)
        for name, several in COUNTERS.items()
    }
    for name, unit in RATES.items():
        yield name, unit, _rates(gained[name], at)

    def ratio(
        above: str, below: str, make: Callable[[float, float], float]
    ) -> tuple[float | None, ...]:
        pairs = zip(gained[above], gained[below], strict=True)
        return tuple(make(a, b) if a is not None and b else None for a, b in pairs)

    hits, asked = "prefix_cache_hits", "prefix_cache_queries"
    if not any(gained[asked]):
        hits, asked = "cached_tokens", "prompt_tokens"
    yield "prefix_cache_hit_rate_percent", "%", ratio(hits, asked, lambda a, b: 100 * a / b)
    accepted = "accepted_tokens"
    yield "acceptance_rate_percent", "%", ratio(accepted, "draft_tokens", lambda a, b: 100 * a / b)
    yield "acceptance_length", "tokens", ratio(accepted, "drafts", lambda a, b: 1 + a / b)


def _levels(readings: Sequence[Snapshot | None], several: Sequence[Series], mean: bool) -> _Values:
    found = {}
    for place, one in enumerate(readings):
        level = None if one is None else one.first(several)
        if one is not None and level is not None:
            found[place] = level[1] / len(one.values(level[0])) if mean else level[1]
    return found


def _gains(readings: Sequence[Snapshot | None], several: Sequence[Series]) -> _Values:
    """What a counter gained since the reading before; one that fell counted from 0 again."""
    last = next((one for one in reversed(readings) if one is not None), None)
    chosen = None if last is None else last.first(several)
    if chosen is None:
        return {}
    totals = [None if one is None else float(sum(one.values(chosen[0]))) for one in readings]
    found = {}
    for place in range(1, len(totals)):
        before, after = totals[place - 1], totals[place]
        if before is not None and after is not None:
            found[place] = after - before if after >= before else after
    return found


def _together(servers: Sequence[_Values], readings: int, mean: bool) -> tuple[float | None, ...]:
    """Of the servers that publish it at all: sums, or means."""
    servers = [one for one in servers if one]
    if not servers:
        return (None,) * readings
    return tuple(
        sum(one[place] for one in servers) / (len(servers) if mean else 1)
        if all(place in one for one in servers)
        else None
        for place in range(readings)
    )


def _rates(gained: Sequence[float | None], at: Sequence[int]) -> tuple[float | None, ...]:
    found: list[float | None] = [None]
    for place in range(1, len(gained)):
        amount, seconds = gained[place], (at[place] - at[place - 1]) / NS
        found.append(None if amount is None or seconds <= 0 else amount / seconds)
    return tuple(found[: len(gained)])
