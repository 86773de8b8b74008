"""How far a run is, as it writes it down for others about once a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import field, frozen

RunStage = Literal["starting", "answers", "judgements", "loads", "scores"]
"""What a session is at: "starting" is until its servers are ready, "scores" from the last answer
to the summaries."""
RunWord = Literal["running", "stopping", "done", "stopped", "failed"]
"""A session that is "stopping" finishes what is in flight."""
TaskWord = Literal["waiting", "running", "done"]
LoadWord = Literal["waiting", "running", "done", "stopped", "failed"]


@frozen(kw_only=True)
class TaskState:
    """One task of an accuracy run. Counts are of answers: samples x repeats."""

    model: str
    dataset: str
    variant: str = ""
    state: TaskWord = "waiting"
    total: int = 0
    done: int = 0
    failed: int = 0
    reused: int = 0
    """Answers of earlier sessions; they are among ``done``."""
    retried: int = 0
    in_flight: int = 0
    scored: int = 0
    """Answers in ``accuracy``."""
    accuracy: float | None = None
    """The mean score so far, 0..1."""
    rate: float | None = None
    """Answers/s of the last minute."""
    seconds_left: float | None = None
    """At that rate."""


@frozen(kw_only=True)
class LoadTrace:
    """A load over time: columns of one length, a value a second of the last ten minutes.

    Each is what was known then of the five seconds before; None where nothing was.
    """

    seconds: Sequence[float] = ()
    """Since the load began."""
    requests_per_second: Sequence[float | None] = ()
    tokens_per_second: Sequence[float | None] = ()
    ttft_ms: Sequence[float | None] = ()
    """The median."""
    itl_ms: Sequence[float | None] = ()
    """The median."""
    in_flight: Sequence[int] = ()
    failed: Sequence[int] = ()
    """Since the load began."""


@frozen(kw_only=True)
class LoadState:
    """One load. Counts are of requests. Rates and latencies are those of the last five seconds,
    and of a load that is over those of all of it; latencies are the median and the 99th
    percentile, in ms."""

    model: str
    dataset: str
    load: str
    """Its label, which is the name of its folder; of a search that has not ended what is searched
    for."""
    state: LoadWord = "waiting"
    phase: str = ""
    """ "connecting", "warming up" or "running"."""
    seconds: float = 0.0
    duration: float | None = None
    """Seconds that it is to take, where they are known."""
    wanted: int | None = None
    """Requests that it is to send, where their number is known."""
    sent: int = 0
    done: int = 0
    """Without failed ones."""
    failed: int = 0
    cancelled: int = 0
    retried: int = 0
    in_flight: int = 0
    waiting: int = 0
    """Due, and not sent yet."""
    asked_rate: float | None = None
    """Requests/s of the schedule."""
    achieved_rate: float | None = None
    """Requests/s that ended."""
    tokens_rate: float | None = None
    ttft_ms: tuple[float, float] | None = None
    itl_ms: tuple[float, float] | None = None
    lag_ms: float | None = None
    """99th percentile of how late requests were sent."""
    seconds_left: float | None = None
    trace: LoadTrace = field(factory=LoadTrace)
    figures: Mapping[str, float] = field(factory=dict)
    """Of a load that was measured: figures by name (``request_throughput``), percentiles of
    statistics as ``ttft_p50``, ``ttft_p99``, in their units."""


@frozen(kw_only=True)
class RunState:
    """How far a run is, from its ``progress.json``.

    ``began`` and ``updated`` are UTC, ``seconds`` is the time between them: of one session.
    """

    state: RunWord
    stage: RunStage
    began: str
    updated: str
    seconds: float
    tasks: tuple[TaskState, ...] = ()
    loads: tuple[LoadState, ...] = ()
    alive: bool = False
    """Whether a process works in the run now. One that was killed leaves the state "running"."""
