"""Progress while a run goes on: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from aisbench.base.clock import now_ns
from aisbench.base.visible import visible
from aisbench.stages.progress import Progress, TaskProgress

REFRESH_SECONDS = 0.25
LINE_SECONDS = 10.0


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}"


class ProgressDisplay:
    """Shows the counters that the stage keeps. Enter it around the stage."""

    def __init__(self, progress: Progress, console: Console) -> None:
        self._progress = progress
        self._console = console
        self._live: Live | None = None
        self._task: asyncio.Task[None] | None = None
        self._started = now_ns()
        self._first: dict[int, tuple[int, int]] = {}

    async def __aenter__(self) -> ProgressDisplay:
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._task = asyncio.create_task(self._loop())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._live is not None:
            self._live.stop()
        for task in self._progress.tasks:
            self._console.print(self._line(task), highlight=False, soft_wrap=True)

    async def _loop(self) -> None:
        period = REFRESH_SECONDS if self._live is not None else LINE_SECONDS
        while True:
            if self._live is not None:
                self._live.update(self._table(), refresh=True)
            else:
                for task in self._progress.tasks:
                    if 0 < task.done < task.total:
                        self._console.print(self._line(task), highlight=False, soft_wrap=True)
            await asyncio.sleep(period)

    def _rate(self, task: TaskProgress) -> float | None:
        """Samples a second of this session, once two instants are known."""
        now = now_ns()
        fresh = task.done - task.reused
        if fresh <= 0 and not task.in_flight:
            return None
        begun, before = self._first.setdefault(id(task), (now, fresh))
        return (fresh - before) / ((now - begun) / 1e9) if now > begun and fresh > before else None

    def _line(self, task: TaskProgress) -> str:
        rate = self._rate(task)
        parts = [f"{task.model} / {task.dataset} ({task.variant}): {task.done}/{task.total}"]
        if task.reused:
            parts.append(f"{task.reused} reused")
        if rate:
            parts.append(f"{rate:.1f}/s")
        parts.append(f"{task.failed} failed")
        parts.append(f"{task.retried} retried")
        if task.accuracy is not None:
            parts.append(f"accuracy so far {task.accuracy * 100:.1f} %")
        return visible(", ".join(parts))

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for name in (
            "task", "done", "rate/s", "in flight", "failed", "retried", "accuracy", "left",
        ):  # fmt: skip
            table.add_column(name, justify="left" if name == "task" else "right")
        for task in self._progress.tasks:
            rate = self._rate(task)
            left = (task.total - task.done) / rate if rate else None
            table.add_row(
                Text(visible(f"{task.model} / {task.dataset} ({task.variant})")),
                f"{task.done}/{task.total}",
                f"{rate:.1f}" if rate else "-",
                str(task.in_flight),
                Text(str(task.failed), style="red" if task.failed else ""),
                str(task.retried),
                f"{task.accuracy * 100:.1f} %" if task.accuracy is not None else "-",
                _clock(left) if left is not None else "-",
            )
        elapsed = _clock((now_ns() - self._started) / 1e9)
        note = "finishing what is in flight; Ctrl-C again stops at once"
        table.caption = f"{elapsed}  {note if self._progress.stopping else ''}"
        return table
