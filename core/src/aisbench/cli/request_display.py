"""The requests of an accuracy run while they are sent: a row for each task."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from aisbench.base.visible import visible
from aisbench.cli.frame import (
    Line,
    Piece,
    ScreenColumn,
    bar,
    clock,
    short,
    shortened,
    sparkline,
    tabled,
)
from aisbench.cli.live_table import LiveTable
from aisbench.cli.live_view import LiveView
from aisbench.stages.progress import Progress, TaskProgress

BAR = 10


class RequestDisplay(LiveTable):
    """Shows the counters that the stage keeps."""

    def __init__(self, progress: Progress, view: LiveView) -> None:
        super().__init__(view)
        self._progress = progress

    # -- lines

    def lines(self) -> Iterator[str]:
        """Those of the tasks that are being worked on."""
        for task in self._progress.tasks:
            if 0 < task.done < task.total:
                yield self._line(task)

    def last_lines(self) -> Iterator[str]:
        """One for each task."""
        self._progress.look()
        return map(self._line, self._progress.tasks)

    def _line(self, task: TaskProgress) -> str:
        words, rate, fresh = self.words, task.mean_rate, task.done - task.reused
        parts = [f"{task.label} ({task.variant}): {task.done}/{task.total}"]
        if task.reused:
            parts.append(words.text("{n} reused", n=task.reused))
        if rate:
            parts.append(f"{rate:.1f}/s")
        parts.append(words.text("{n} failed", n=task.failed))
        parts.append(words.text("{n} retried", n=task.retried))
        if task.accuracy is not None:
            share = f"{task.accuracy * 100:.1f} %"
            # A fast server's answers are not all scored at once.
            if task.scored < fresh - task.failed:
                parts.append(
                    words.text("accuracy of {n} scored so far {share}", n=task.scored, share=share)
                )
            else:
                parts.append(words.text("accuracy so far {share}", share=share))
        return visible(", ".join(parts))

    # -- the screen

    @property
    def title(self) -> str:
        """The run."""
        return self._progress.title

    @property
    def stopping(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._progress.stopping

    @property
    def count(self) -> int:
        """The tasks."""
        return sum(1 for _ in self._progress.all())

    def busy(self) -> int:
        """The first task that is being worked on, else the first that has not begun."""
        states = [one.state for one in self._progress.all()]
        for state in ("running", "waiting"):
            if state in states:
                return states.index(state)
        return max(0, len(states) - 1)

    def about(self, number: int) -> str:
        """Lines of the log begin with the task."""
        return list(self._progress.all())[number].label

    def summary(self) -> Line:
        """All tasks together."""
        tasks, words = list(self._progress.all()), self.words
        if not tasks:
            return [(words.text("waiting for the models"), "dim")]
        done, total = sum(one.done for one in tasks), sum(one.total for one in tasks)
        failed = sum(one.failed for one in tasks)
        over = sum(one.state == "done" for one in tasks)
        rates = [one.rate for one in tasks if one.rate and one.state == "running"]
        line: Line = [
            (words.text("{over} of {count} tasks over", over=over, count=len(tasks)), ""),
            (words.text(", {done}/{total} answers", done=f"{done:,}", total=f"{total:,}"), ""),
        ]
        if failed:
            line.append((words.text(", {n} failed", n=failed), "bad"))
        if rates:
            rate = sum(rates)
            left = clock((total - done) / rate)
            line.append((words.text(", about {time} left", time=left), ""))
            line.append((f", {short(rate)}/s", ""))
        return line

    def listing(self, first: int, last: int, width: int) -> list[Line]:
        """Done, rate, failures and the running accuracy of each task."""
        words = self.words
        columns = (
            ScreenColumn(words.text("task"), right=False),
            ScreenColumn(words.text("progress"), rank=6, right=False, least=BAR),
            ScreenColumn(words.text("done")),
            ScreenColumn(words.text("rate/s"), rank=2, least=6),
            ScreenColumn(words.text("in flight"), rank=7),
            ScreenColumn(words.text("failed"), rank=1),
            ScreenColumn(words.text("retried"), rank=8),
            ScreenColumn(words.text("accuracy"), rank=3, least=7),
            ScreenColumn(words.text("left"), rank=4, least=5),
            ScreenColumn(words.text("variant"), rank=9, right=False),
        )
        tasks = list(self._progress.all())[first:last]
        return tabled(columns, list(map(self._row, tasks)), width, self.view.more)

    def _row(self, task: TaskProgress) -> tuple[Piece, ...]:
        waiting, left = task.state == "waiting", task.seconds_left
        share = task.done / task.total if task.total else None
        accuracy = f"{task.accuracy * 100:.1f} %" if task.accuracy is not None else "-"
        return (
            (self.view.safe(task.label), "dim" if waiting else ""),
            (bar(share, BAR, unicode=self.view.unicode), "dim" if waiting else "accent"),
            (f"{task.done:,}/{task.total:,}", "dim" if waiting else ""),
            (short(task.rate) if task.state == "running" else "-", ""),
            (str(task.in_flight), ""),
            (str(task.failed), "bad" if task.failed else ""),
            (str(task.retried), ""),
            (accuracy, ""),
            (clock(left) if left is not None and task.state == "running" else "-", ""),
            (self.view.safe(task.variant), "dim"),
        )

    def detail(self, number: int, width: int) -> list[Line]:
        """All counters of a task, and its rate over the last minutes."""
        task, words, view = list(self._progress.all())[number], self.words, self.view
        share = task.done / task.total if task.total else None
        percent = "" if share is None else f" ({share * 100:.1f} %)"
        left = task.seconds_left
        rates = _rates(task)
        room = max(10, min(60, width - 34))
        accuracy = "-"
        if task.accuracy is not None:
            accuracy = words.text(
                "{share} of {n} scored so far", share=f"{task.accuracy * 100:.1f} %", n=task.scored
            )
        rows: list[tuple[str, Line]] = [
            (words.text("done"), [(bar(share, 20, unicode=view.unicode), "accent"),
                                  (f" {task.done:,}/{task.total:,}{percent}", "")]),
            (words.text("rate"), [(f"{short(task.rate):>8}/s  ", ""),
                                  (sparkline(rates, room, unicode=view.unicode), "accent")]),
            (words.text("time left"), [(clock(left) if left is not None else "-", "")]),
            (words.text("in flight"), [(str(task.in_flight), "")]),
            (words.text("failed"), [(str(task.failed), "bad" if task.failed else "")]),
            (words.text("retried"), [(str(task.retried), "")]),
            (words.text("reused"), [(str(task.reused), "")]),
            (words.text("accuracy"), [(accuracy, "")]),
        ]  # fmt: skip
        name = f"{view.safe(task.label)} ({view.safe(task.variant)})"
        lines: list[Line] = [[(shortened(name, width, view.more), "bold")]]
        return lines + labelled(rows)


def labelled(rows: list[tuple[str, Line]]) -> list[Line]:
    """Lines with a name before each."""
    from rich.cells import cell_len

    size = max(cell_len(name) for name, _ in rows)
    return [[(f"  {name}{' ' * (size - cell_len(name))}  ", "dim"), *line] for name, line in rows]


def _rates(task: TaskProgress) -> list[float | None]:
    """Answers/s between each two looks."""
    return [
        (now.done - before.done) / ((now.time_ns - before.time_ns) / 1e9)
        for before, now in itertools.pairwise(task.marks)
    ]
