"""The loads of a run: key figures of those that are over, the one that runs, those to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
from aisbench.cli.request_display import labelled
from aisbench.loadgen.live import RECENT_NS, LiveLoad
from aisbench.loadgen.trace import TracePoint
from aisbench.stages.loads_progress import LoadProgress, LoadsProgress, key_figures
from aisbench.wording.catalogue import Wording
from aisbench.wording.lines import translated

RECENT = f"{RECENT_NS / 1e9:g}"
SPARK = 100
"""Columns of a sparkline at most."""
TOP = 7
"""Columns for the value at its top."""


def _figure_names(words: Wording) -> Mapping[str, str]:
    """What is shown of a load that is over: name in its summary -> what it is called."""
    return {
        "request_throughput": words.text("requests/s"),
        "output_token_throughput": words.text("output tokens/s"),
        "goodput": words.text("goodput requests/s"),
        "ttft_p50": "TTFT p50 ms",
        "ttft_p99": "TTFT p99 ms",
        "tpot_p50": "TPOT p50 ms",
        "tpot_p99": "TPOT p99 ms",
        "e2el_p50": "E2EL p50 ms",
        "e2el_p99": "E2EL p99 ms",
    }


def _pair(values: tuple[float, float] | None) -> str:
    return "-" if values is None else f"{values[0]:.1f} / {values[1]:.1f} ms"


class LoadDisplay(LiveTable):
    """Shows one load among all of the run."""

    def __init__(self, live: LiveLoad, loads: LoadsProgress, view: LiveView) -> None:
        super().__init__(view)
        self._live = live
        self._loads = loads

    # -- lines

    def lines(self) -> Iterator[str]:
        """How it goes."""
        yield self._line()

    def last_lines(self) -> Iterator[str]:
        """How it went, with the rates of all of it."""
        self._live.close()
        yield self._line()

    def _line(self) -> str:
        live, words = self._live, self.words
        parts = [
            f"{live.label}: {self._elapsed()}",
            words.text("{done} done", done=_done(live)),
            words.text("{n} failed", n=live.failed),
        ]
        if live.cancelled:
            parts.append(words.text("{n} cancelled", n=live.cancelled))
        if live.in_flight:
            parts.append(words.text("{n} in flight", n=live.in_flight))
        recent = []
        if live.achieved_rate:
            recent.append(words.text("{n} requests/s", n=f"{live.achieved_rate:.1f}"))
        if live.tokens_rate:
            recent.append(words.text("{n} tokens/s", n=f"{live.tokens_rate:,.0f}"))
        if live.closed:
            return ", ".join([*parts, *recent])
        if live.ttft_ms is not None:
            recent.append(f"TTFT p50/p99 {_pair(live.ttft_ms)}")
        if live.itl_ms is not None:
            recent.append(f"ITL p50/p99 {_pair(live.itl_ms)}")
        text = ", ".join(parts)
        if not recent:
            return text
        return text + words.text(
            "; in the last {seconds} s: {figures}", seconds=RECENT, figures=", ".join(recent)
        )

    def _elapsed(self) -> str:
        live, words = self._live, self.words
        if not live.start_ns:
            return self._phase(live.phase)
        seconds = f"{live.seconds:.1f}" if live.closed else f"{live.seconds:.0f}"
        if live.duration_ns:
            return words.text(
                "{seconds} s of {all} s", seconds=seconds, all=f"{live.duration_ns / 1e9:g}"
            )
        return f"{seconds} s"

    def _phase(self, phase: str) -> str:
        words = self.words
        if phase == "connecting":
            return words.text("connecting")
        return words.text("warming up") if phase == "warming up" else words.text("running")

    # -- the screen

    @property
    def title(self) -> str:
        """The run."""
        return self._loads.title

    @property
    def stopping(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._loads.stopping

    @property
    def goes_on(self) -> bool:
        """Whether another load is to come: of a sweep, or perhaps of a search."""
        loads = self._loads
        return not loads.stopping and any(one.state == "waiting" for one in loads.loads)

    @property
    def count(self) -> int:
        """The loads."""
        return len(self._loads.loads)

    def busy(self) -> int:
        """The load that runs."""
        for number, one in enumerate(self._loads.loads):
            if one.live is self._live:
                return number
        return 0

    def about(self, number: int) -> str:
        """Lines of the log are about all loads of a task."""
        one = self._loads.loads[number]
        return f"{one.model} / {one.dataset}"

    def summary(self) -> Line:
        """Which load runs, and how far it is."""
        live, words, loads = self._live, self.words, self._loads.loads
        over = sum(one.state in ("done", "stopped", "failed") for one in loads)
        line: Line = [
            (words.text("{over} of {count} loads over", over=over, count=len(loads)), ""),
            (
                words.text(
                    "; {load}: {time}", load=self.view.safe(live.label), time=self._elapsed()
                ),
                "",
            ),
        ]
        left = live.seconds_left
        if left is not None:
            line.append((words.text(", about {time} left", time=clock(left)), ""))
        return line

    def listing(self, first: int, last: int, width: int) -> list[Line]:
        """Key figures of each load that is over, counters of the one that runs."""
        words = self.words
        columns = (
            ScreenColumn(words.text("load"), right=False),
            ScreenColumn(words.text("state"), rank=1, right=False, least=9),
            ScreenColumn(words.text("requests/s"), rank=2),
            ScreenColumn(words.text("tokens/s"), rank=4),
            ScreenColumn("TTFT p50/p99", rank=3, least=13),
            ScreenColumn("TPOT p50/p99", rank=5, least=11),
            ScreenColumn("E2EL p99", rank=7),
            ScreenColumn(words.text("done"), rank=8),
            ScreenColumn(words.text("failed"), rank=2),
            ScreenColumn("SLO", rank=6),
        )
        several = len({(one.model, one.dataset) for one in self._loads.loads}) > 1
        rows = [self._row(one, several=several) for one in self._loads.loads[first:last]]
        return tabled(columns, rows, width, self.view.more)

    def _row(self, one: LoadProgress, *, several: bool) -> tuple[Piece, ...]:
        name = f"{one.model} / {one.dataset}: {one.label}" if several else one.label
        label: Piece = (self.view.safe(name), "dim" if one.state == "waiting" else "")
        if one.live is not None and one.state == "running":
            live = one.live
            return (
                label,
                (self._state(one), "accent"),
                (short(live.achieved_rate), ""),
                (short(live.tokens_rate), ""),
                (_short_pair(live.ttft_ms), ""),
                ("-", ""),
                ("-", ""),
                (_done(live), ""),
                (str(live.failed), "bad" if live.failed else ""),
                ("-", ""),
            )
        return (label, *self._figures(one))

    def _figures(self, one: LoadProgress) -> tuple[Piece, ...]:
        """What is known of a load that does not run now."""
        state: Piece = (self._state(one), "dim" if one.state == "waiting" else "")
        result = one.result
        if result is None:
            nothing: Piece = ("-", "")
            return (state, *[nothing] * 8)
        found, failed = key_figures(result), result.counts.failed
        slo: Piece = ("-", "")
        if result.slo is not None and result.slo.holds is not None:
            held = self.words.text("held") if result.slo.holds else self.words.text("not held")
            slo = (held, "good" if result.slo.holds else "bad")
        return (
            state,
            (short(found.get("request_throughput")), ""),
            (short(found.get("output_token_throughput")), ""),
            (_tails(found, "ttft"), ""),
            (_tails(found, "tpot"), ""),
            (short(found.get("e2el_p99")), ""),
            (f"{result.counts.success:,}", ""),
            (str(failed), "bad" if failed else ""),
            slo,
        )

    def _state(self, one: LoadProgress) -> str:
        words = self.words
        if one.state == "running" and one.live is not None:
            share = _share(one.live)
            if share is None:
                return self._phase(one.live.phase)
            return f"{bar(share, 6, unicode=self.view.unicode)} {share * 100:.0f}%"
        if one.state == "waiting":
            return words.text("to come")
        if one.state == "failed":
            return words.text("failed")
        return words.text("over") if one.state == "done" else words.text("stopped")

    def block(self, width: int, height: int) -> list[Line]:
        """The load that runs: its throughput, TTFT and requests in flight over time."""
        live, words = self._live, self.words
        if height < 3:
            return []
        one = self._loads.running
        points = [] if one is None else list(one.trace.points)
        waiting = words.text(" (+{n} waiting)", n=live.waiting) if live.waiting else ""
        lag = "-" if live.lag_ms is None else f"{live.lag_ms:.2f} ms"
        asked = "" if live.asked_rate is None else words.text(
            " of {n} asked", n=short(live.asked_rate)
        )  # fmt: skip
        rows: list[tuple[str, str, list[float | None] | None]] = [
            (words.text("requests/s"), f"{short(live.achieved_rate)}{asked}",
             [point.requests_per_second for point in points]),
            ("TTFT p50/p99", _pair(live.ttft_ms), [point.ttft_ms for point in points]),
            (words.text("in flight"), f"{live.in_flight}{waiting}",
             [float(point.in_flight) for point in points]),
            (words.text("tokens/s"), short(live.tokens_rate),
             [point.tokens_per_second for point in points]),
            ("ITL p50/p99", _pair(live.itl_ms), [point.itl_ms for point in points]),
            (words.text("send lag p99"), lag, None),
        ]  # fmt: skip
        return self._sparks(rows, points, width, height)

    def _sparks(
        self,
        rows: list[tuple[str, str, list[float | None] | None]],
        points: list[TracePoint],
        width: int,
        height: int,
    ) -> list[Line]:
        from rich.cells import cell_len

        words, unicode = self.words, self.view.unicode
        names = max(cell_len(name) for name, _, _ in rows)
        values = max(20, *(cell_len(value) for _, value, _ in rows))
        room = min(SPARK, width - names - values - 6 - TOP)
        span = points[-1].seconds - points[0].seconds if len(points) > 1 else 0.0
        rule = "─" if unicode else "-"
        over = words.text("the last {time}", time=clock(span)) if span >= 1 else ""
        name = shortened(self.view.safe(self._live.label), width - 8, self.view.more)
        head = f"{rule * 2} {name} "
        foot = f" {over} {rule * 2}" if over and room >= 10 else ""
        fill = rule * max(0, width - cell_len(head) - cell_len(foot))
        lines: list[Line] = [[(head + fill + foot, "dim")]]
        for name, value, trace in rows[: height - 1]:
            line: Line = [
                (f"  {name}{' ' * (names - cell_len(name))}  ", "dim"),
                (value + " " * (values - cell_len(value) + 2), ""),
            ]
            if trace is not None and room >= 10:
                line.append((sparkline(trace, room, unicode=unicode), "accent"))
                top = max((one for one in trace if one is not None), default=None)
                line.append((f" {short(top):<{TOP - 1}}" if top is not None else "", "dim"))
            lines.append(line)
        return lines

    def detail(self, number: int, width: int) -> list[Line]:
        """All about one load."""
        one, words, view = self._loads.loads[number], self.words, self.view
        name = view.safe(f"{one.model} / {one.dataset}: {one.label}")
        head: Line = [(shortened(name, width, view.more), "bold")]
        rows: list[tuple[str, Line]] = [(words.text("state"), [(self._state(one), "")])]
        result = one.result
        if result is not None:
            counts = result.counts
            rows.append((words.text("requests"), [(words.text(
                "{total}: {done} done, {failed} failed, {cancelled} cancelled, {retried} retried",
                total=counts.total, done=counts.success, failed=counts.failed,
                cancelled=counts.cancelled, retried=counts.retried), "")]))  # fmt: skip
            found = key_figures(result)
            names = _figure_names(words)
            rows += [
                (name, [(short(found[key]), "")]) for key, name in names.items() if key in found
            ]
            rows += [
                (words.text("doubt"), [(view.safe(translated(text, words.language)), "bad")])
                for text in result.health.doubts
            ]
        settings: list[tuple[str, Line]] = [
            (view.safe(key), [(view.safe(str(value)), "")])
            for key, value in one.asked.items()
            if isinstance(value, (int, float, str)) and value not in ("", False)
        ]
        live = one.live
        if one.state == "running" and live is not None:
            told = words.text(
                "{sent} sent, {done} done, {failed} failed, {cancelled} cancelled, {retried} "
                "retried",
                sent=live.sent, done=live.done, failed=live.failed, cancelled=live.cancelled,
                retried=live.retried,
            )  # fmt: skip
            rows.append((words.text("requests"), [(told, "")]))
            return [head, *labelled(rows), *self.block(width, 7), *labelled(settings)]
        return [head, *labelled([*rows, *settings])]


def _done(live: LiveLoad) -> str:
    wanted = f"/{live.wanted}" if live.wanted else ""
    return f"{live.done + live.failed}{wanted}"


def _share(live: LiveLoad) -> float | None:
    """How much of the load is over, by time or by requests, whichever is nearer to its end."""
    if not live.start_ns:
        return None
    found = []
    if live.duration_ns:
        found.append(live.seconds / (live.duration_ns / 1e9))
    if live.wanted:
        found.append((live.done + live.failed) / live.wanted)
    return min(max(found), 1.0) if found else None


def _short_pair(values: tuple[float, float] | None) -> str:
    return "-" if values is None else f"{short(values[0])}/{short(values[1])}"


def _tails(found: Mapping[str, float], name: str) -> str:
    if f"{name}_p50" not in found or f"{name}_p99" not in found:
        return "-"
    return f"{short(found[f'{name}_p50'])}/{short(found[f'{name}_p99'])}"
