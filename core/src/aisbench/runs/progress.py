"""How far a run is, for programs."""

from __future__ import annotations

from attrs import frozen

from aisbench.loadgen.live import LiveLoad
from aisbench.stages.progress import TaskProgress


@frozen(kw_only=True)
class RunProgress:
    """How far one task or one load is at one moment.

    Counts are of answers (samples x repeats) in an accuracy run, and of requests under a load.
    ``total`` is None where nobody knows how many there will be. Rates and latencies are those of
    the last seconds of a load, None in an accuracy run and where nothing is known yet; latencies
    are the median and the 99th percentile. ``accuracy`` is the mean score so far, 0..1.
    """

    label: str
    """``MODEL / DATASET``, and of a load its label behind a colon."""
    done: int
    total: int | None
    failed: int
    in_flight: int
    retried: int
    reused: int = 0
    """Answers taken over from earlier sessions; they are among ``done``."""
    finished: bool = False
    """Whether this is the last that is told of it."""
    accuracy: float | None = None
    requests_per_second: float | None = None
    tokens_per_second: float | None = None
    ttft_ms: tuple[float, float] | None = None
    itl_ms: tuple[float, float] | None = None


def progress_of_task(task: TaskProgress, *, finished: bool = False) -> RunProgress:
    """How far a task of an accuracy run is."""
    return RunProgress(
        label=f"{task.model} / {task.dataset}",
        done=task.done,
        total=task.total,
        failed=task.failed,
        in_flight=task.in_flight,
        retried=task.retried,
        reused=task.reused,
        finished=finished,
        accuracy=task.accuracy,
    )


def progress_of_load(live: LiveLoad) -> RunProgress:
    """How far a load is."""
    return RunProgress(
        label=live.label,
        done=live.done + live.failed,
        total=live.wanted,
        failed=live.failed,
        in_flight=live.in_flight,
        retried=live.retried,
        finished=live.closed,
        requests_per_second=live.achieved_rate,
        tokens_per_second=live.tokens_rate,
        ttft_ms=live.ttft_ms,
        itl_ms=live.itl_ms,
    )
