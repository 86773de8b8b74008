"""Displays: a screen on a terminal, lines elsewhere, and the last lines in any case."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from rich.console import Console

from aisbench.base.clock import now_ns
from aisbench.cli import live_table
from aisbench.cli.frame import (
    Line,
    ScreenColumn,
    fitted,
    shortened,
    sparkline,
    spread,
    tabled,
    width_of,
)
from aisbench.cli.keys import keys_of
from aisbench.cli.live_table import LiveTable
from aisbench.cli.live_view import LiveView, wants_screen
from aisbench.cli.load_display import LoadDisplay
from aisbench.cli.request_display import RequestDisplay
from aisbench.cli.screen import ENTER, LEAVE, Screen, open_terminal
from aisbench.cli.terminal import TerminalDisplay
from aisbench.loadgen.live import LiveLoad
from aisbench.stages.loads_progress import LoadProgress, LoadsProgress
from aisbench.stages.progress import DoneMark, Progress, TaskProgress
from aisbench.store.redactor import Redactor

S = 1_000_000_000


class Counter(LiveTable):
    def __init__(self, view: LiveView) -> None:
        super().__init__(view)
        self.shown = 0

    title = "counter"
    stopping = False
    count = 3

    def busy(self) -> int:
        return 0

    def about(self, number: int) -> str:
        return ""

    def summary(self) -> Line:
        self.shown += 1
        return [("summary", "")]

    def listing(self, first: int, last: int, width: int) -> list[Line]:
        return [[("heading", "dim")], *([(f"row {at}", "")] for at in range(first, last))]

    def detail(self, number: int, width: int) -> list[Line]:
        return [[(f"all about {number}", "")]]

    def lines(self) -> Iterator[str]:
        self.shown += 1
        yield "line [bold]"

    def last_lines(self) -> Iterator[str]:
        yield "last"


async def show(display: Counter, times: int = 2) -> None:
    async with display:
        while display.shown < times:
            await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(live_table, "FIRST_SECONDS", 0.001)
    monkeypatch.setattr(live_table, "REFRESH_SECONDS", 0.001)


def console(*, terminal: bool = False, height: int = 24) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=80, height=height)


def text_of(one: Console) -> str:
    assert isinstance(one.file, io.StringIO)
    return one.file.getvalue()


def shown(display: LiveTable, width: int = 79, height: int = 24) -> list[str]:
    lines = display.frame(width, height)
    assert len(lines) == height
    return ["".join(text for text, _ in line) for line in lines]


def test_lines_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_table, "LINE_SECONDS", 0.001)
    one = console()
    asyncio.run(show(Counter(LiveView(one))))
    lines = text_of(one).splitlines()
    assert lines[:2] == ["line [bold]"] * 2
    assert lines[-1] == "last" and lines.count("last") == 1


def test_an_error_is_not_hidden_by_the_last_lines() -> None:
    one = console()

    async def fail() -> None:
        async with Counter(LiveView(one)):
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        asyncio.run(fail())
    assert text_of(one) == "last\n"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({}, True), ({"CI": "true"}, False), ({"CI": "1"}, False), ({"CI": "false"}, True),
     ({"TERM": "dumb"}, False)],
)  # fmt: skip
def test_where_the_screen_is_used(
    environment: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_screen(console(terminal=True)) is wanted
    assert not wants_screen(console())


# -- a real terminal


@attrs.define
class Terminal:
    """A pseudo-terminal, of which the test is the user."""

    user: int
    fd: int
    console: Console

    def read(self, until: str = "", seconds: float = 5) -> str:
        found, deadline = b"", time.monotonic() + seconds
        while time.monotonic() < deadline and (not until or until.encode() not in found):
            if select.select([self.user], [], [], 0.05)[0]:
                found += os.read(self.user, 65536)
            elif not until:
                break
        return found.decode()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    user, fd = pty.openpty()
    termios.tcsetwinsize(fd, (24, 80)) if hasattr(termios, "tcsetwinsize") else None
    with os.fdopen(fd, "w", closefd=False) as file:
        yield Terminal(user, fd, Console(file=file, force_terminal=True))
    os.close(fd)
    os.close(user)


def test_the_screen_is_left_as_it_was(terminal: Terminal) -> None:
    before = termios.tcgetattr(terminal.fd)
    display = Counter(LiveView(terminal.console))

    async def main() -> None:
        async with display:
            while display.shown < 2:
                await asyncio.sleep(0.001)
            print("waits for its turn")
            assert display.view.showing
            raise RuntimeError

    with pytest.raises(RuntimeError):
        asyncio.run(main())
    text = terminal.read("last")
    assert text.startswith(ENTER) and LEAVE in text
    assert "row 0" in text.partition(LEAVE)[0] and "last" in text.partition(LEAVE)[2]
    assert termios.tcgetattr(terminal.fd) == before
    assert not display.view.showing


def test_the_screen_stays_from_one_load_to_the_next(terminal: Terminal) -> None:
    class Load(Counter):
        goes_on = True

    before = termios.tcgetattr(terminal.fd)
    shows = TerminalDisplay(terminal.console)
    redactor = Redactor()
    with shows.hiding(redactor):
        for _ in range(2):  # each in a loop of its own, as loads are
            asyncio.run(show(Load(shows.view)))
        text = terminal.read()
        assert text.count(ENTER) == 1 and LEAVE not in text
        shows.say("the server is waited for")  # to be read at once, not after the next load
        assert LEAVE not in terminal.read("waited for")
        shows.say("a table\nof several lines")
        assert LEAVE in terminal.read("several lines")
        asyncio.run(show(Load(shows.view)))
    text = terminal.read()
    assert text.count(ENTER) == text.count(LEAVE) == 1
    assert termios.tcgetattr(terminal.fd) == before
    assert not shows.view.showing


def test_names_are_cut_where_they_do_not_differ() -> None:
    long = "a-model-with-a-long-name-that-goes-on"
    assert shortened(f"{long} / gsm8k", 24) == "a-model-with-a-… / gsm8k"
    cut = shortened(f"{long} / gsm8k: concurrency=32", 30)
    assert cut.endswith("concurrency=32") and len(cut) <= 30
    assert shortened("short", 24) == "short" and len(shortened(long, 7)) == 7


def test_what_is_printed_meanwhile_comes_afterwards(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    display = Counter(LiveView(terminal.console))

    async def main() -> None:
        async with display:
            while not display.view.showing:
                await asyncio.sleep(0.001)
            print("one")
            assert capsys.readouterr().out == ""

    asyncio.run(main())
    assert capsys.readouterr().out == "one\n"


def test_a_terminal_that_takes_nothing_holds_up_nobody(terminal: Terminal) -> None:
    fd = open_terminal(terminal.fd)
    assert fd is not None
    screen = Screen(fd, lambda: None)
    screen.enter()
    begun = time.monotonic()
    for number in range(200):  # more than the kernel keeps for a terminal that nobody reads
        screen.draw([f"{number} " + "x" * 2000] * 3)
    assert time.monotonic() - begun < 0.5
    screen.close()
    assert time.monotonic() - begun < 3
    assert terminal.read()


def test_only_what_changed_is_sent(terminal: Terminal) -> None:
    fd = open_terminal(terminal.fd)
    assert fd is not None
    screen = Screen(fd, lambda: None)
    screen.enter()
    screen.draw(["one", "two"])
    terminal.read("two")
    screen.draw(["one", "three"])
    assert "one" not in terminal.read("three")
    screen.forget()
    screen.draw(["one", "three"])
    assert "one" in terminal.read("three")
    screen.close()


def test_a_display_that_breaks_does_not_break_the_run(terminal: Terminal) -> None:
    class Broken(Counter):
        def summary(self) -> Line:
            self.shown += 1
            raise ValueError("broken")

    display = Broken(LiveView(terminal.console))
    asyncio.run(show(display, times=1))
    text = terminal.read("last")
    assert LEAVE in text and "last" in text.partition(LEAVE)[2]
    assert signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL
    assert sys.stdout is sys.__stdout__ or not hasattr(sys.stdout, "_lines")


# -- keys


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"jk", ["down", "up"]),
        (b"\x1b[A\x1b[B\x1bOB", ["up", "down", "down"]),
        (b"\x1b[5~\x1b[6~\x1b[1~\x1b[F", ["page-up", "page-down", "first", "last"]),
        (b"\x1b", ["back"]),
        (b"\x1b[200~\x1b[1;5C", ["open"][:0]),
        (b" p?\rq", ["pause", "pause", "help", "open", "quit"]),
        ("é\x00xyz".encode(), []),
    ],
)
def test_keys(data: bytes, keys: list[str]) -> None:
    assert list(keys_of(data)) == keys


def test_moving_paging_and_opening() -> None:
    view = LiveView(console())
    view.press(["page-down"], 10, 4)
    assert (view.cursor, view.follow) == (4, False)
    view.press(["last", "down", "down"], 10, 4)
    assert view.cursor == 9
    view.press(["page-up", "up", "open"], 10, 4)
    assert (view.cursor, view.opened) == (4, True)
    view.press(["help", "back"], 10, 4)
    assert view.opened and not view.help
    view.press(["back", "first", "follow", "pause"], 10, 4)
    assert (view.opened, view.cursor, view.follow, view.paused) == (False, 0, True, True)
    assert view.press(["redraw"], 10, 4)
    view.press(["quit"], 10, 4)
    assert "Ctrl-C" in view.note


# -- lines


def test_lines_have_the_width_of_the_terminal() -> None:
    assert fitted("数据集", 5) == "数据…" and fitted("ab", 4, right=True) == "  ab"
    line = spread([("左" * 20, "")], [("right", "")], 20)
    assert width_of(line) == 20 and line[-1][0] == "right"
    columns = [ScreenColumn("name", right=False), ScreenColumn("a", rank=2), ScreenColumn("b")]
    rows = [[("long name of a task", ""), ("12345678", ""), ("1", "")]]
    narrow = tabled(columns, rows, 18)  # type: ignore[arg-type]
    assert all(width_of(one) <= 18 for one in narrow)
    assert "12345678" not in "".join(text for text, _ in narrow[1])


def test_sparklines() -> None:
    assert sparkline([0, 1, None, 2], 6, unicode=True) == "  ▁▅ █"
    assert sparkline([1.0] * 100, 4, unicode=True) == "████"
    assert sparkline([0, 0], 2, unicode=True) == "▁▁"
    assert sparkline([], 3, unicode=False) == "   "
    assert sparkline([4, 0], 2, unicode=False) == "#."


# -- tasks


def task(number: int, done: int, total: int = 4, **more: Any) -> TaskProgress:
    return TaskProgress(
        model="m", dataset=f"d{number}", variant="v", total=total, done=done, **more
    )


def test_requests_have_a_line_a_task() -> None:
    busy = TaskProgress(model="m", dataset="d[1]", variant="v", total=4, done=1, failed=1)
    whole = TaskProgress(model="m", dataset="e", variant="v", total=4, done=4, reused=2)
    display = RequestDisplay(Progress(tasks=[busy, whole]), LiveView(console()))
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
    display = RequestDisplay(Progress(tasks=[some, every]), LiveView(console()))
    assert [line.rpartition(", ")[2] for line in display.last_lines()] == [
        "accuracy of 3 scored so far 100.0 %",
        "accuracy so far 25.0 %",
    ]


def test_all_tasks_are_shown_in_pages_and_the_page_follows_the_work() -> None:
    planned = tuple(task(number, 0) for number in range(60))
    begun = [task(number, 4 if number < 40 else 2) for number in range(41)]
    display = RequestDisplay(Progress(tasks=begun, planned=planned), LiveView(console()))
    text = shown(display)
    assert "40 of 60 tasks over, 162/240 answers" in text[1]
    chosen = [line for line in text if line.startswith("> ")]
    assert len(chosen) == 1 and "m / d40" in chosen[0] and "2/4" in chosen[0]
    assert "page 3/" in text[-1]
    display.view.press(["first"], 60, display._page)
    assert any(line.startswith("> m / d0 ") for line in shown(display))
    display.view.press(["page-down"], 60, display._page)
    assert not any("m / d0 " in line for line in shown(display))


def test_a_task_is_opened_with_its_log_and_secrets_hidden() -> None:
    view = LiveView(console())
    view.redactor = Redactor()
    view.redactor.add(["sk-secret-key-123"])
    view.log.add("m / d1: sample a failed: \x1b[2J sk-secret-key-123", "info")
    view.log.add("m / d2: sample b failed: other", "info")
    one = task(1, 2, failed=1, scored=1, right=1)
    display = RequestDisplay(Progress(tasks=[one, task(2, 0)], title="s/1"), view)
    view.press(["open"], 2, 5)
    text = "\n".join(shown(display))
    assert "2/4 (50.0 %)" in text and "100.0 % of 1 scored so far" in text
    assert "sample a failed" in text and "sample b" not in text
    assert "\\x1b[2J" in text and "secret-key" not in text


@pytest.mark.parametrize(
    ("width", "height"), [(79, 24), (199, 50), (59, 15), (30, 8), (12, 4), (1, 1)]
)
def test_screens_of_any_size(width: int, height: int) -> None:
    tasks = [task(number, 4 - number % 4, failed=number % 2, in_flight=1) for number in range(30)]
    displays: list[LiveTable] = [
        RequestDisplay(Progress(tasks=tasks, stopping=True), LiveView(console())),
        LoadDisplay(LiveLoad(label="m / d: rate=4"), loads_of(9), LiveView(console())),
    ]
    for display in displays:
        for keys in ([], ["help"], ["back", "open"], ["quit"]):
            display.view.press(keys, display.count, 4)  # type: ignore[arg-type]
            assert len(display.frame(width, height)) == height


def test_rates_and_time_left_are_of_the_last_minute() -> None:
    one = task(0, 0, total=1000)
    assert one.state == "waiting" and one.rate is None
    one.in_flight, now = 2, now_ns()
    for second in range(100):
        one.marks.append(
            DoneMark(now - (100 - second) * S, second if second < 39 else 4 * second, 0)
        )
    one.done = 396
    assert one.rate == pytest.approx(4, rel=0.05) and one.state == "running"
    assert one.seconds_left == pytest.approx(604 / one.rate)


# -- loads


def loads_of(count: int) -> LoadsProgress:
    return LoadsProgress(
        [LoadProgress("m", "d", f"rate={number}") for number in range(count)], title="suite/1"
    )


def test_loads_that_are_over_the_one_that_runs_and_those_to_come() -> None:
    loads = loads_of(3)
    live = LiveLoad(label="m / d: rate=1", start_ns=now_ns() - 5 * S, duration_ns=20 * S)
    live.phase, live.done, live.in_flight, live.achieved_rate = "running", 90, 7, 18.0
    live.ttft_ms = (12.0, 40.0)
    loads.loads[0].state = "done"
    loads.loads[1].state, loads.loads[1].live = "running", live
    for second in range(1, 6):
        live.start_ns = now_ns() - second * S - S // 50
        loads.look()
    display = LoadDisplay(live, loads, LiveView(console()))
    text = shown(display)
    assert "1 of 3 loads over; m / d: rate=1: 5 s of 20 s, about 0:14 left" in text[1]
    rows = {line[2:10].strip(): line for line in text[3:6]}
    assert "over" in rows["rate=0"] and "25%" in rows["rate=1"] and "to come" in rows["rate=2"]
    assert rows["rate=1"].startswith("> ")
    throughput = next(line for line in text if line.startswith("  requests/s"))
    assert "18.0" in throughput and throughput.count("█") == 5
    assert any("in flight     7" in line for line in text)


def test_probes_of_a_search_come_before_it() -> None:
    loads = LoadsProgress([LoadProgress("m", "d", "search: rate", searching=True)])
    loads.of("m", "d", "rate=4,run=1").state = "running"
    loads.of("m", "d", "rate=8,run=1")
    assert [one.label for one in loads.loads] == ["rate=4,run=1", "rate=8,run=1", "search: rate"]
    assert loads.of("m", "d", "rate=4,run=1").state == "running"
    loads.searched("m", "d")
    assert len(loads.loads) == 2
