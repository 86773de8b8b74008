"""A load while it runs: a live table on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import asyncio
from types import TracebackType

from rich.console import Console
from rich.live import Live as Screen
from rich.table import Table
from rich.text import Text

from aisbench.loadgen.live import RECENT_NS, LiveLoad

REFRESH_SECONDS = 0.5
LINE_SECONDS = 10.0


def _pair(values: tuple[float, float] | None) -> str:
    return "-" if values is None else f"{values[0]:.1f} / {values[1]:.1f} ms"


def _rate(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:,.1f} {unit}"


def _elapsed(live: LiveLoad) -> str:
    if not live.start_ns:
        return live.phase
    text = f"{live.seconds:.1f} s" if live.closed else f"{live.seconds:.0f} s"
    if live.duration_ns:
        text += f" of {live.duration_ns / 1e9:g} s"
    return text


def _done(live: LiveLoad) -> str:
    wanted = f"/{live.wanted}" if live.wanted else ""
    return f"{live.done + live.failed}{wanted}"


class LoadDisplay:
    """Shows one load. Enter it around the load."""

    def __init__(self, live: LiveLoad, console: Console) -> None:
        self._live = live
        self._console = console
        self._screen: Screen | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> LoadDisplay:
        if self._console.is_terminal:
            self._screen = Screen(console=self._console, auto_refresh=False, transient=True)
            self._screen.start()
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
        self._live.close()
        if self._screen is not None:
            self._screen.stop()
        self._console.print(Text(self._line()), soft_wrap=True)

    async def _loop(self) -> None:
        while True:
            if self._screen is not None:
                self._screen.update(self._table(), refresh=True)
                await asyncio.sleep(REFRESH_SECONDS)
            else:
                await asyncio.sleep(LINE_SECONDS)
                self._console.print(Text(self._line()), soft_wrap=True)

    def _line(self) -> str:
        live = self._live
        parts = [
            f"{live.label}: {_elapsed(live)}",
            f"{_done(live)} done",
            f"{live.failed} failed",
        ]
        if live.cancelled:
            parts.append(f"{live.cancelled} cancelled")
        if live.in_flight:
            parts.append(f"{live.in_flight} in flight")
        recent = []
        if live.achieved_rate:
            recent.append(f"{live.achieved_rate:.1f} requests/s")
        if live.tokens_rate:
            recent.append(f"{live.tokens_rate:,.0f} tokens/s")
        if live.closed:
            return ", ".join([*parts, *recent])
        if live.ttft_ms is not None:
            recent.append(f"TTFT p50/p99 {_pair(live.ttft_ms)}")
        if live.itl_ms is not None:
            recent.append(f"ITL p50/p99 {_pair(live.itl_ms)}")
        text = ", ".join(parts)
        return (
            f"{text}; in the last {RECENT_NS / 1e9:g} s: {', '.join(recent)}" if recent else text
        )

    def _table(self) -> Table:
        live = self._live
        table = Table(box=None, pad_edge=False, show_header=False, title=live.label)
        for column in range(4):
            table.add_column(justify="left" if column % 2 == 0 else "right", min_width=14)
        failed = Text(str(live.failed), style="red" if live.failed else "")
        waiting = f" (+{live.waiting} waiting)" if live.waiting else ""
        rows: list[tuple[str, str | Text, str, str | Text]] = [
            ("time", _elapsed(live), "in flight", f"{live.in_flight}{waiting}"),
            ("done", _done(live), "failed", failed),
            ("rate asked", _rate(live.asked_rate, "/s"), "achieved",
             _rate(live.achieved_rate, "/s")),
            ("tokens", _rate(live.tokens_rate, "/s"), "schedule lag p99",
             "-" if live.lag_ms is None else f"{live.lag_ms:.2f} ms"),
            ("TTFT p50/p99", _pair(live.ttft_ms), "ITL p50/p99", _pair(live.itl_ms)),
        ]  # fmt: skip
        for row in rows:
            table.add_row(*row)
        table.caption = "the last five seconds; Ctrl-C ends the load, twice at once"
        return table
