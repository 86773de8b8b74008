"""What the servers published of themselves, a line a figure."""

from __future__ import annotations

from collections.abc import Iterator

from aisbench.api import LatencyGap, ServerLatency, ServerMetrics, SpeculativeDecoding
from aisbench_plugin_table.numbers import number


def server_lines(server: ServerMetrics) -> Iterator[str]:
    """Every figure that is known, under its place in summary.json."""
    yield f"readings = {number(server.readings)}"
    if server.read_from:
        yield f"from: {server.read_from}"
    yield from (f"errors.{url}: {error}" for url, error in server.errors.items())
    if server.readings_lost:
        yield f"readings_lost = {number(server.readings_lost)}"
    yield from (f"cut_short.{url}: {when}" for url, when in server.cut_short.items())
    yield from _figures(server)
    if server.restarts:
        yield f"restarts = {number(server.restarts)}"
        yield f"restarted: {server.restarted}"
    if (hits := server.prefix_cache_hit_rate_percent) is not None:
        yield f"prefix_cache_hit_rate_percent = {number(hits)}"
    if server.speculative_decoding is not None:
        yield from _speculation(server.speculative_decoding)
    yield f"missing: {server.missing}"
    for name, gap in (server.client_against_server or {}).items():
        yield from _gap(f"client_against_server.{name}", gap)
    for role, found in server.roles.items():
        yield from (f"roles.{role}: {line}" for line in server_lines(found))


def _figures(server: ServerMetrics) -> Iterator[str]:
    for name, gained in (server.counters or {}).items():
        yield f"counters.{name} = {number(gained)}"
    for name, level in (server.levels or {}).items():
        yield f"levels.{name}.mean = {number(level.mean)}"
        yield f"levels.{name}.max = {number(level.max)}"
    for name, latency in (server.latencies or {}).items():
        yield f"latencies.{name}.metric: {latency.metric}"
        yield f"latencies.{name}.n = {number(latency.n)}"
        yield from _milliseconds(f"latencies.{name}", latency)


def _gap(place: str, gap: LatencyGap) -> Iterator[str]:
    yield from _milliseconds(place, gap)
    for end, count in (("n_client", gap.n_client), ("n_server", gap.n_server)):
        if count is not None:
            yield f"{place}.{end} = {number(count)}"


def _milliseconds(place: str, found: ServerLatency | LatencyGap) -> Iterator[str]:
    yield f"{place}.mean_ms = {number(found.mean_ms)}"
    for name, between in (("p50_ms", found.p50_ms), ("p99_ms", found.p99_ms)):
        if between is not None:
            yield f"{place}.{name} between {number(between[0])} and {number(between[1])}"


def _speculation(found: SpeculativeDecoding) -> Iterator[str]:
    place = "speculative_decoding"
    yield f"{place}.acceptance_rate_percent = {number(found.acceptance_rate_percent)}"
    if found.acceptance_length is not None:
        yield f"{place}.acceptance_length = {number(found.acceptance_length)}"
    for position, share in found.acceptance_by_position.items():
        yield f"{place}.acceptance_by_position.{position} = {number(share)}"
