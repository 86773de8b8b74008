"""How far a run is, for programs."""

from __future__ import annotations

from aisbench.loadgen.live import LiveLoad
from aisbench.stages.progress import TaskProgress
from aisbench.types.run_progress import RunProgress

__all__ = ["RunProgress", "progress_of_load", "progress_of_task"]


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
