"""A load over time: what charts of it are drawn from, aggregated, so that its size does not
depend on how long the load was."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen(kw_only=True)
class TimeBins:
    """Stretches of time of equal length, one after the other, ns after the start of the load; what
    is at t belongs to the bin with ``begin <= t < end``. A warm-up lies below 0."""

    begin_ns: int
    width_ns: int
    count: int

    @property
    def end_ns(self) -> int:
        return self.begin_ns + self.count * self.width_ns

    @property
    def edges_ns(self) -> tuple[int, ...]:
        """The ends of all bins: one more than there are bins."""
        return tuple(self.begin_ns + place * self.width_ns for place in range(self.count + 1))


@frozen(kw_only=True)
class ConcurrencyOverTime:
    """How many were at once in which state: means over each bin, so that the sum of a column
    times the length of a bin is the time that requests spent in that state.

    ``queued`` were due and not sent, ``prefill`` were sent and had no token (also answers that
    do not come in pieces, for the whole of their time), ``decode`` had one. These are measured
    attempts, failed ones included; ``apart`` are those of warm-up and cool-down, in flight.
    ``peak`` is the most measured attempts in flight at any instant of each bin.
    """

    queued: tuple[float, ...]
    prefill: tuple[float, ...]
    decode: tuple[float, ...]
    apart: tuple[float, ...]
    peak: tuple[int, ...]


@frozen(kw_only=True)
class CountsOverTime:
    """How many measured requests in each bin: were ``asked`` for (due, by the plan; in a closed
    loop when its client was free), were ``sent`` (a request that was retried: its last attempt),
    and ended as ``answered``, ``failed`` or ``cancelled``. The sums of the last three are the
    load's own counts; one without an end counts where it began, one that was never sent is not in
    ``sent``.
    """

    asked: tuple[int, ...]
    sent: tuple[int, ...]
    answered: tuple[int, ...]
    failed: tuple[int, ...]
    cancelled: tuple[int, ...]
    input_tokens: tuple[float, ...]
    """Of answered requests, at their first token."""
    output_tokens: tuple[float, ...]
    """When they came, a request's count being shared by its events; cut requests included."""


@frozen(kw_only=True)
class PercentilesOverTime:
    """One metric bin by bin: of the successful measured requests that were sent in it; of gaps
    between tokens, those that ended in it. ``percentiles`` and ``mean`` are in ``unit``, None
    where ``n`` is 0."""

    metric: str
    """A key of the metric dictionary."""
    unit: str
    n: tuple[int, ...]
    mean: tuple[float | None, ...]
    percentiles: Mapping[str, tuple[float | None, ...]]
    """By name ("p50")."""


@frozen(kw_only=True)
class ValueCurve:
    """How values are spread: ``values[i]`` is the percentile ``shares[i]`` (0..100) of all of
    them, interpolated linearly, the least and the greatest included, and ``counts[i]`` is how
    many lie in ``edges[i] <= value < edges[i + 1]``, the last bucket with its upper edge; their
    sum is ``n``. All in ``unit``."""

    name: str
    """A key of the metric dictionary, or what it is a curve of."""
    unit: str
    n: int
    shares: tuple[float, ...]
    values: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    exact: bool = True
    """False: percentiles are within 0.05 %, from a histogram (gaps of a very large load)."""
    logarithmic: bool = False
    """Whether each bucket is wider than the one before by one factor, instead of as wide."""


@frozen(kw_only=True)
class RequestSpan:
    """One request of the timeline; instants in ns after the start, None where there is none."""

    row: int
    conversation: int
    turn: int
    attempt: int
    phase: str
    """"warm_up", "measured" or "cool_down"."""
    outcome: str
    """"success", "failed" or "cancelled"."""
    fault: str | None
    """Why it failed: a :class:`~aisbench.api.FaultKind`."""
    scheduled_ns: int | None
    sent_ns: int | None
    first_token_ns: int | None
    done_ns: int | None
    output_tokens: int | None


@frozen(kw_only=True)
class RequestTimeline:
    """Attempts in the order in which they were sent (or due, where they never were), drawn evenly
    where there are more than a screen shows: ``spans`` of ``total``, and of those that failed
    ``failed_shown`` of ``failed``, which are drawn apart from the others."""

    spans: tuple[RequestSpan, ...]
    total: int
    failed: int
    failed_shown: int


@frozen(kw_only=True)
class PhaseSpan:
    """A part of the load and when it was, ns after the start: "warm_up", "measured",
    "cool_down", from the first sent to the last done; of ``requests`` attempts."""

    name: str
    begin_ns: int
    end_ns: int
    requests: int


@frozen(kw_only=True)
class ServerLine:
    """What a server published, over time: a level at the instant of each reading, or what came
    of a counter between two of them, at the later one. Servers of a load are added up (shares:
    averaged); None where a reading does not tell."""

    name: str
    """Of :class:`~aisbench.api.ServerMetrics`: a level, a counter as its rate, or
    "prefix_cache_hit_rate_percent", "acceptance_rate_percent", "acceptance_length"."""
    unit: str
    times_ns: tuple[int, ...]
    values: tuple[float | None, ...]
    role: str = ""
    """Of the servers in a disaggregated deployment; empty: all do the same. (1.3)"""


@frozen(kw_only=True)
class DeviceLine:
    """What one device told, over time, at the middle of each reading; None where it told
    nothing. A warm-up lies below 0, and so does the idle time before it."""

    sampler: str
    """The label of the suite's [devices.LABEL]."""
    device: str
    quantity: str
    """An attribute of :class:`~aisbench.api.DeviceReading`; "power_w" where it is not told is made
    of the counter of energy."""
    unit: str
    times_ns: tuple[int, ...]
    values: tuple[float | None, ...]


@frozen(kw_only=True)
class LoadSeries:
    """One load over time, in bins of equal length; whatever its size, this is small.

    Made from the files of the load in one pass. Percentiles and sums are those of the rows that
    ``summary.json`` is made of.
    """

    model: str
    dataset: str
    load: str
    open_loop: bool
    """Whether requests have due times of a plan; in a closed loop "asked" is when a client was
    free."""
    streamed: bool
    asked_concurrency: int | None
    bins: TimeBins
    phases: tuple[PhaseSpan, ...]
    concurrency: ConcurrencyOverTime
    counts: CountsOverTime
    over_time: tuple[PercentilesOverTime, ...]
    """ttft, ttft_scheduled, tpot, itl, e2el, e2el_scheduled: those that there are."""
    curves: Mapping[str, ValueCurve]
    """By name: the same metrics, ``output_tokens``, ``input_tokens`` and ``schedule_lag``, all of
    successful measured requests; ``arrival_gap_asked``, ``arrival_gap_sent`` (ms between
    consecutive requests); ``rate_asked``, ``rate_sent`` (requests/s in each whole second; in each
    tenth of one, where the load was shorter than 20 s)."""
    timeline: RequestTimeline
    server: tuple[ServerLine, ...] = ()
    """Empty where nothing was scraped."""
    devices: tuple[DeviceLine, ...] = ()
    """Empty where no device was read."""
    notes: tuple[str, ...] = field(default=())
    """What the series leaves out, in sentences."""
