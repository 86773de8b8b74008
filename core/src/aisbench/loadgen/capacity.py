"""How many processes and connections a load needs, and whether this machine has them."""

from __future__ import annotations

import ipaddress
import math
import os
import resource
import urllib.parse
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.config.load_keys import LoadSettings
from aisbench.engine.file_limits import RESERVE
from aisbench.types.load import ClosedLoop, OpenLoop, Schedule

IN_FLIGHT_PER_WORKER = 2000
"""For more requests in flight there is another process, as long as there are cores for it."""
_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USABLE = 0.95
"""The share of the range of ports to count on: some are taken by others or still closing."""
SECOND = 1_000_000_000


@frozen(kw_only=True)
class Capacity:
    """What a load needs; ``in_flight`` is None when only the run will tell (open loops)."""

    workers: int
    connections: int
    most_connections: int
    sources: tuple[str, ...]
    in_flight: int | None


def plan_capacity(
    settings: LoadSettings, schedule: Schedule, urls: Sequence[str], width: int = 1
) -> Capacity:
    """Count workers, connections and source addresses. Raises AisbenchError, before anything is
    sent, when the machine cannot hold the load. ``width`` is how many requests at once a session
    sends."""
    wanted = _in_flight(settings, schedule, width)
    held = max(wanted or 0, settings.connections or 0)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    per_process = 10**9 if hard == resource.RLIM_INFINITY else hard - RESERVE
    least = max(1, math.ceil(held / per_process))
    most = settings.max_concurrency
    useful = math.ceil(held / IN_FLIGHT_PER_WORKER)
    if most is not None:
        useful = min(useful, most)  # a process that may have nothing in flight would never end
    workers = settings.workers or max(least, min(useful, (os.cpu_count() or 2) // 2), 1)
    if workers < least:
        raise AisbenchError(
            f"load.workers: {held} requests in flight need {least} processes, since this system "
            f"allows one {hard} open files",
            hint=f"set load.workers = {least} or 0, or raise the hard limit (ulimit -Hn)",
        )
    if most is not None and workers > most:
        raise AisbenchError(
            f"load.workers: {workers} processes cannot share load.max_concurrency = {most}",
            hint=f"set load.workers to {most} or fewer, or to 0",
        )
    sources = _sources(settings, held, urls)
    connections = settings.connections or wanted or _likely(schedule)
    if most is not None:
        connections = min(connections, most)
    return Capacity(
        workers=workers,
        connections=max(connections, 1),
        most_connections=per_process,
        sources=sources,
        in_flight=wanted if width == 1 else settings.max_concurrency,
    )


def allow_files() -> None:
    """Raise this process's soft limit on open files to the hard one; children inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _in_flight(settings: LoadSettings, schedule: Schedule, width: int) -> int | None:
    """The most requests that can be in flight; None when the schedule does not say."""
    if isinstance(schedule, OpenLoop):
        return settings.max_concurrency
    peak = _peak(schedule) * width
    return peak if settings.max_concurrency is None else min(peak, settings.max_concurrency)


def _peak(schedule: ClosedLoop) -> int:
    changes = []
    for client in schedule.clients:
        changes.append((client.begin_ns, 1))
        if client.end_ns is not None:
            changes.append((client.end_ns, -1))
    alive = peak = 0
    for _, change in sorted(changes):
        alive += change
        peak = max(peak, alive)
    return peak


def _likely(schedule: Schedule) -> int:
    """Connections for an open loop: the arrivals of its busiest second, within reason.

    More are opened as they are needed, ahead of need where there is time.
    """
    assert isinstance(schedule, OpenLoop)
    due = schedule.due_ns
    busiest = first = 0
    for last, when in enumerate(due):
        while due[first] <= when - SECOND:
            first += 1
        busiest = max(busiest, last - first + 1)
    return min(max(busiest, 16), 2000)


def _sources(settings: LoadSettings, held: int, urls: Sequence[str]) -> tuple[str, ...]:
    """Addresses to connect from, each with so many ports towards one server; empty: as the system
    chooses."""
    ports = _port_range()
    servers = {urllib.parse.urlsplit(url).netloc for url in urls}
    hosts = {urllib.parse.urlsplit(url).hostname or "" for url in urls}
    given = settings.source_addresses
    if given:
        if held > ports * len(given):
            raise AisbenchError(
                f"load.source_addresses: {held} connections need {math.ceil(held / ports)} "
                f"addresses of {ports} ports each; there are {len(given)}",
                hint="name more addresses of this host, or widen net.ipv4.ip_local_port_range",
            )
        return given
    if math.ceil(held / len(servers)) <= ports:
        return ()
    needed = math.ceil(held / ports)
    if all(_is_loopback(host) for host in hosts):
        return tuple(f"127.0.{number // 250}.{number % 250 + 1}" for number in range(needed))
    raise AisbenchError(
        f"{held} connections to {', '.join(sorted(servers))} need more than the {ports} ports "
        "that this host has for one server",
        hint=f"set load.source_addresses to {needed} addresses of this host, list replicas in "
        "models.*.url, or widen net.ipv4.ip_local_port_range",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _port_range() -> int:
    try:
        low, high = map(int, _PORTS.read_text().split())
    except (OSError, ValueError):
        low, high = 49152, 65535  # RFC 6335's range for such ports
    return int((high - low + 1) * _USABLE)
