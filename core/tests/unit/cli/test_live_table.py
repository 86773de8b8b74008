"""Displays: a table on a terminal, lines elsewhere, and the last lines in any case."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator

import pytest
from rich.console import Console
from rich.table import Table

from aisbench.cli import live_table
from aisbench.cli.live_table import LiveTable
from aisbench.cli.request_display import RequestDisplay
from aisbench.stages.progress import Progress, TaskProgress


class Counter(LiveTable):
    refresh_seconds = 0.001

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.shown = 0

    def table(self) -> Table:
        self.shown += 1
        table = Table(box=None)
        table.add_row("table")
        return table

    def lines(self) -> Iterator[str]:
        self.shown += 1
        yield "line [bold]"

    def last_lines(self) -> Iterator[str]:
        yield "last"


async def show(display: Counter, times: int = 2) -> None:
    async with display:
        while display.shown < times:
            await asyncio.sleep(0.001)


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=60)


def text_of(one: Console) -> str:
    assert isinstance(one.file, io.StringIO)
    return one.file.getvalue()


def test_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_table, "LINE_SECONDS", 0.001)
    one = console(terminal=False)
    asyncio.run(show(Counter(one)))
    lines = text_of(one).splitlines()
    assert lines[:2] == ["line [bold]"] * 2
    assert lines[-1] == "last" and lines.count("last") == 1


def test_a_table_on_a_terminal() -> None:
    one = console(terminal=True)
    asyncio.run(show(Counter(one)))
    assert "table" in text_of(one) and "line" not in text_of(one)
    assert text_of(one).rstrip().endswith("last")


def test_an_error_is_not_hidden_by_the_last_lines() -> None:
    one = console(terminal=False)

    async def fail() -> None:
        async with Counter(one):
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        asyncio.run(fail())
    assert text_of(one) == "last\n"


def test_requests_have_a_line_a_task() -> None:
    busy = TaskProgress(model="m", dataset="d[1]", variant="v", total=4, done=1, failed=1)
    whole = TaskProgress(model="m", dataset="e", variant="v", total=4, done=4, reused=2)
    display = RequestDisplay(Progress(tasks=[busy, whole]), console(terminal=False))
    assert list(display.lines()) == ["m / d[1] (v): 1/4, 1 failed, 0 retried"]
    assert list(display.last_lines()) == [
        "m / d[1] (v): 1/4, 1 failed, 0 retried",
        "m / e (v): 4/4, 2 reused, 0 failed, 0 retried",
    ]


def test_an_accuracy_of_some_answers_says_of_how_many() -> None:
    some = TaskProgress(model="m", dataset="d", variant="v", total=9, done=9, scored=3, right=3)
    every = TaskProgress(
        model="m", dataset="e", variant="v", total=9, done=9, reused=4, failed=1, scored=4, right=1
    )
    display = RequestDisplay(Progress(tasks=[some, every]), console(terminal=False))
    assert [line.rpartition(", ")[2] for line in display.last_lines()] == [
        "accuracy of 3 scored so far 100.0 %",
        "accuracy so far 25.0 %",
    ]


def test_of_more_tasks_than_lines_those_are_shown_that_are_worked_on() -> None:
    def task(number: int, done: int) -> TaskProgress:
        return TaskProgress(model="m", dataset=f"d{number}", variant="v", total=4, done=done)

    tasks = [task(number, 4 if number < 20 else 2 if number == 20 else 0) for number in range(30)]
    low = Console(file=io.StringIO(), force_terminal=True, width=80, height=12)
    table = RequestDisplay(Progress(tasks=tasks), low).table()
    assert table.row_count == 1
    assert "20 of 30 tasks over, 82/120 samples" in str(table.caption)
    high = Console(file=io.StringIO(), force_terminal=True, width=80, height=60)
    table = RequestDisplay(Progress(tasks=tasks), high).table()
    assert table.row_count == 30
    assert "tasks" not in str(table.caption)
