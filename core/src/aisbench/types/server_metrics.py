"""What a server published of itself between the first reading and the last of a load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, Union

from attrs import field, frozen

# Union, not |: the alias is evaluated at run time, on Python 3.10 as well.
Number: TypeAlias = Union[int, float]  # noqa: UP007
"""A count of a server: whole as a rule, and not always."""


@frozen(kw_only=True)
class ServerLevel:
    """A gauge, in the unit of its name (requests, percent). Of several servers gauges are added
    up, and shares averaged."""

    mean: float
    """Over the readings."""
    max: float


@frozen(kw_only=True)
class ServerLatency:
    """A latency of ``n`` requests (or tokens), as the server measured it."""

    metric: str
    """The server's own name for it."""
    n: Number
    mean_ms: float
    p50_ms: tuple[float, float] | None = None
    """Two values between which the percentile lies; None where the server publishes no buckets,
    or nothing bounds it from above."""
    p99_ms: tuple[float, float] | None = None


@frozen(kw_only=True)
class SpeculativeDecoding:
    """How much of what a draft model proposed was accepted."""

    acceptance_rate_percent: float
    """``100 * accepted tokens / draft tokens``."""
    acceptance_length: float | None
    """``1 + accepted tokens / drafts``: the model adds one token to what it accepts; None where
    the server does not count drafts."""
    acceptance_by_position: Mapping[str, float]
    """By place in the draft, from "0": ``accepted there / drafts``."""


@frozen(kw_only=True)
class LatencyGap:
    """A latency of the client minus the server's, in ms."""

    mean_ms: float
    p50_ms: tuple[float, float] | None = None
    """Two values between which the gap lies; None where the server's bracket is wider than it."""
    p99_ms: tuple[float, float] | None = None
    n_client: int | None = None
    """How many requests the client's mean is of; None where the server's is of as many."""
    n_server: Number | None = None


@frozen(kw_only=True)
class ServerMetrics:
    """Figures of all servers of a load together. ``counters``, ``levels`` and ``latencies`` are by
    our names, whatever each server calls them; None where no server was read twice."""

    readings: int
    read_from: str = ""
    """Addresses, separated by commas. "from" in files."""
    errors: Mapping[str, str] = field(factory=dict)
    """By address: why it could not be read, the last time that it could not."""
    readings_lost: int = 0
    cut_short: Mapping[str, str] = field(factory=dict)
    """By address: how long before the end of the load the last reading was."""
    counters: Mapping[str, Number] | None = None
    """What each counter gained."""
    levels: Mapping[str, ServerLevel] | None = None
    latencies: Mapping[str, ServerLatency] | None = None
    restarts: int = 0
    """How often counters fell: the server began anew."""
    restarted: str = ""
    """What that means for the figures, in words."""
    prefix_cache_hit_rate_percent: float | None = None
    """``100 * hits / queries``, in tokens."""
    speculative_decoding: SpeculativeDecoding | None = None
    missing: str = ""
    """What the servers do not publish: names separated by commas, "nothing", or a sentence."""
    client_against_server: Mapping[str, LatencyGap] | None = None
    """By latency, where both measured it; None before they were compared."""
    roles: Mapping[str, ServerMetrics] = field(factory=dict)
    """Of a disaggregated deployment: the figures of each role. The others are then those that one
    role counts for all. (1.3)"""
