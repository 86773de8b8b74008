"""The requests of an accuracy run while they are sent: a row for each task."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aisbench.base.clock import now_ns
from aisbench.base.visible import visible
from aisbench.cli.live_table import LiveTable
from aisbench.stages.progress import Progress, TaskProgress

ROUND_THE_ROWS = 5
"""Lines of the terminal that are no rows: headings, the caption, what was there before."""


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}"


class RequestDisplay(LiveTable):
    """Shows the counters that the stage keeps."""

    refresh_seconds = 0.25

    def __init__(self, progress: Progress, console: Console) -> None:
        super().__init__(console)
        self._progress = progress
        self._started = now_ns()
        self._first: dict[int, tuple[int, int]] = {}

    def lines(self) -> Iterator[str]:
        """Those of the tasks that are being worked on."""
        for task in self._progress.tasks:
            if 0 < task.done < task.total:
                yield self._line(task)

    def last_lines(self) -> Iterator[str]:
        """One for each task."""
        return map(self._line, self._progress.tasks)

    def _rate(self, task: TaskProgress) -> float | None:
        """Samples a second of this session, once two instants are known."""
        now = now_ns()
        fresh = task.done - task.reused
        if fresh <= 0 and not task.in_flight:
            return None
        begun, before = self._first.setdefault(id(task), (now, fresh))
        return (fresh - before) / ((now - begun) / 1e9) if now > begun and fresh > before else None

    def _line(self, task: TaskProgress) -> str:
        rate, fresh = self._rate(task), task.done - task.reused
        parts = [f"{task.model} / {task.dataset} ({task.variant}): {task.done}/{task.total}"]
        if task.reused:
            parts.append(f"{task.reused} reused")
        if rate:
            parts.append(f"{rate:.1f}/s")
        parts.append(f"{task.failed} failed")
        parts.append(f"{task.retried} retried")
        if task.accuracy is not None:
            # A fast server's answers are not all scored at once.
            some = f" of {task.scored} scored" if task.scored < fresh - task.failed else ""
            parts.append(f"accuracy{some} so far {task.accuracy * 100:.1f} %")
        return visible(", ".join(parts))

    def table(self) -> Table:
        """A row for each task, and what Ctrl-C does."""
        table = Table(box=None, pad_edge=False)
        for name in (
            "task", "done", "rate/s", "in flight", "failed", "retried", "accuracy", "left",
        ):  # fmt: skip
            table.add_column(name, justify="left" if name == "task" else "right")
        shown = self._shown()
        for task in shown:
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
        rest = self._rest(len(shown))
        table.caption = f"{elapsed}  {rest}{note if self._progress.stopping else ''}"
        return table

    def _shown(self) -> list[TaskProgress]:
        """All tasks; of more than the terminal has lines for, those that are being worked on."""
        tasks = self._progress.tasks
        room = max(self._console.height - ROUND_THE_ROWS, 1)
        if len(tasks) <= room:
            return list(tasks)
        return [one for one in tasks if one.in_flight or 0 < one.done < one.total][:room]

    def _rest(self, shown: int) -> str:
        """How far all tasks together are, where not all are shown."""
        tasks = self._progress.tasks
        if shown == len(tasks):
            return ""
        done = sum(one.done for one in tasks)
        total = sum(one.total for one in tasks)
        over = sum(one.done >= one.total for one in tasks)
        return f"{over} of {len(tasks)} tasks over, {done}/{total} samples  "
