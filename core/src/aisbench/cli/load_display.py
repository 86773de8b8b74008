"""A load while it runs: its counts, rates and latencies."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aisbench.cli.live_table import LiveTable
from aisbench.loadgen.live import RECENT_NS, LiveLoad


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


class LoadDisplay(LiveTable):
    """Shows one load."""

    def __init__(self, live: LiveLoad, console: Console) -> None:
        super().__init__(console)
        self._live = live

    def lines(self) -> Iterator[str]:
        """How it goes."""
        yield self._line()

    def last_lines(self) -> Iterator[str]:
        """How it went, with the rates of all of it."""
        self._live.close()
        yield self._line()

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

    def table(self) -> Table:
        """Counts and rates, and latencies of the last seconds."""
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
