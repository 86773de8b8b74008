"""Single requests over time: when each waited, was read, was written, or failed."""

from __future__ import annotations

from collections.abc import Iterator

from aisbench.api import LoadSeries, RequestSpan, Wording
from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.parts import NS, Row, named, phases, short, time_axis

TALLEST, LEAST, A_ROW = 460, 120, 4
"""Pixels of the plot."""


def timeline(series: LoadSeries, prefix: str, words: Wording) -> Chart | None:
    """A line for each request; None where none was recorded."""
    found = series.timeline
    if not found.spans:
        return None
    stages = {
        words.text("waiting in the client"): "@series3",
        words.text("prefill, or queued in the server"): "@series4",
        words.text("decode"): "@series0",
        words.text("failed"): "@wrong",
        words.text("cancelled"): "@filtered",
        words.text("warm-up and cool-down"): "@series7",
    }
    rows: list[Row] = []
    crosses: list[Row] = []
    for place, span in enumerate(found.spans):
        rows += ({**row, "y": place} for row in _bars(span, list(stages)))
        if span.outcome == "failed" and span.done_ns is not None:
            cause = span.fault or words.text("failed")
            crosses.append({"b": short(span.done_ns / NS), "y": place, "why": cause})
    used = {row["s"] for row in rows}
    height = max(LEAST, min(TALLEST, A_ROW * len(found.spans)))
    y = {
        "field": "y",
        "type": "quantitative",
        "title": words.text("requests, by when they began"),
        "axis": {"labels": False, "ticks": False, "grid": False},
        "scale": {"domain": [len(found.spans), -1], "nice": False, "zero": False},
    }
    layers = [
        *phases(series, words),
        {
            "data": {"values": rows},
            "mark": {"type": "rule", "strokeWidth": max(1.0, 0.75 * height / len(found.spans)),
                     "tooltip": {"content": "data"}},
            "encoding": {
                "x": time_axis(series, words, "a"),
                "x2": {"field": "b"},
                "y": y,
                **named({name: colour for name, colour in stages.items() if name in used}),
            },
        },
        {
            "data": {"values": crosses},
            "mark": {"type": "point", "shape": "cross", "angle": 45, "size": 40, "filled": True,
                     "color": "@failed", "tooltip": {"content": "data"}, "opacity": 1},
            "encoding": {"x": {"field": "b", "type": "quantitative"}, "y": y},
        },
    ]  # fmt: skip
    layers = [one for one in layers if one["data"]["values"]]
    return Chart(
        id=f"{prefix}-timeline",
        title=words.text("Requests, one by one"),
        spec={"layer": layers},
        caption=_caption(series, words),
        height=height,
        wide=True,
    )


def _caption(series: LoadSeries, words: Wording) -> str:
    found = series.timeline
    total = f"{found.total:,}"
    if len(found.spans) == found.total:
        return words.text("all {total} attempts", total=total)
    text = words.text(
        "{shown} of {total} attempts, drawn evenly", shown=len(found.spans), total=total
    )
    if not found.failed:
        return text
    return words.text(
        "{text}; {failed_shown} of the {failed} failed ones, more than their share",
        text=text,
        failed_shown=found.failed_shown,
        failed=f"{found.failed:,}",
    )


def _bars(span: RequestSpan, stages: list[str]) -> Iterator[Row]:
    """The parts of one request."""
    waiting, prefill, decode, failed, cancelled, apart = stages
    begun = span.sent_ns if span.sent_ns is not None else span.done_ns
    if span.scheduled_ns is not None and begun is not None and span.attempt == 1:
        yield from _bar(span, waiting, span.scheduled_ns, begun)
    if span.sent_ns is None or span.done_ns is None:
        return
    if span.phase != "measured":
        yield from _bar(span, apart, span.sent_ns, span.done_ns)
    elif span.outcome == "failed":
        yield from _bar(span, failed, span.sent_ns, span.done_ns)
    elif span.outcome == "cancelled":
        yield from _bar(span, cancelled, span.sent_ns, span.done_ns)
    else:
        first = span.done_ns if span.first_token_ns is None else span.first_token_ns
        yield from _bar(span, prefill, span.sent_ns, first)
        yield from _bar(span, decode, first, span.done_ns)


def _bar(span: RequestSpan, stage: str, begin: int, end: int) -> Iterator[Row]:
    if end > begin:
        row: Row = {"a": short(begin / NS), "b": short(end / NS), "s": stage, "row": span.row}
        if span.turn:
            row["turn"] = span.turn + 1
        if span.attempt > 1:
            row["attempt"] = span.attempt
        yield row
