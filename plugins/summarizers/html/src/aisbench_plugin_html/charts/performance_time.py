"""A load over time: who was in flight, what came and went, how long it took, what the server
said of itself. All charts of a load have one axis of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from aisbench.api import LoadSeries, PerformanceResult, ServerLine, Wording
from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.parts import (
    NS,
    Row,
    limit_lines,
    limit_rows,
    metric_title,
    named,
    numbers,
    phases,
    short,
    time_axis,
)

SOLID: list[int] = [1, 0]
DASHED = [5, 3]
DOTTED = [1, 2]
HALF = 200
COLOURS = 8
"""Colours of series."""
"""Pixels of the plot of a chart that has another beside it."""


def over_time(
    load: PerformanceResult, series: LoadSeries, prefix: str, words: Wording
) -> Iterator[Chart]:
    """Every chart over time but the timeline."""
    yield concurrency(load, series, prefix, words)
    yield rates(series, prefix, words)
    if any(series.counts.failed) or any(series.counts.cancelled):
        yield outcomes(series, prefix, words)
    for one in ("output", "input"):
        if (chart := tokens(series, prefix, one, words)) is not None:
            yield chart
    yield from latencies(load, series, prefix, words)
    yield from server(series, prefix, words)


def _steps(series: LoadSeries, name: str, values: Sequence[float], scale: float) -> list[Row]:
    """A value for each bin, the last one once more where its bin ends."""
    edges = series.bins.edges_ns
    rows = [
        {"t": edges[at] / NS, "s": name, "v": short(value * scale)}
        for at, value in enumerate(values)
    ]
    return [*rows, {"t": edges[-1] / NS, "s": name, "v": rows[-1]["v"]}]


def concurrency(load: PerformanceResult, series: LoadSeries, prefix: str, words: Wording) -> Chart:
    """Requests in flight by what they wait for."""
    now = series.concurrency
    states = {
        words.text("decode"): ("@series0", now.decode),
        words.text("prefill, or queued in the server"): ("@series4", now.prefill),
        words.text("waiting in the client"): ("@series3", now.queued),
        words.text("warm-up and cool-down"): ("@series7", now.apart),
    }
    shown = {name: one for name, one in states.items() if any(one[1])}
    rows: list[Row] = []
    for place, (name, (_, values)) in enumerate(shown.items()):
        rows += [{**row, "o": place} for row in _steps(series, name, values, 1.0)]
    peak = words.text("most at any instant")
    y = words.text("requests at once")
    asked = [
        {
            "v": series.asked_concurrency,
            "p": words.text("asked for: {n}", n=series.asked_concurrency),
        }
    ]
    layers: list[dict[str, Any]] = [
        *phases(series, words),
        {
            "data": {"values": rows},
            "mark": {"type": "area", "interpolate": "step-after", "opacity": 0.85,
                     "tooltip": True},
            "encoding": {
                "x": time_axis(series, words),
                "y": {**numbers("v", y), "stack": "zero"},
                "order": {"field": "o", "type": "quantitative"},
                **named({name: colour for name, (colour, _) in shown.items()}),
            },
        },
        {
            "data": {"values": _steps(series, peak, now.peak, 1.0)},
            "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 1,
                     "color": "@ink", "tooltip": True},
            "encoding": {"x": time_axis(series, words), "y": numbers("v", y)},
        },
        *(limit_lines(asked) if series.asked_concurrency is not None else ()),
    ]  # fmt: skip
    return Chart(
        id=f"{prefix}-concurrency",
        title=words.text("Requests at once"),
        spec={"layer": layers},
        caption=words.text(
            "means over {seconds} s; the thin line is the most at any instant",
            seconds=f"{series.bins.width_ns / NS:g}",
        ),
        wide=True,
    )


def rates(series: LoadSeries, prefix: str, words: Wording) -> Chart:
    """Asked against achieved."""
    per_second = NS / series.bins.width_ns
    counts = series.counts
    lines = {
        words.text("asked for"): ("@quiet", DASHED, counts.asked),
        words.text("sent"): ("@series0", SOLID, counts.sent),
        words.text("answered"): ("@series2", SOLID, counts.answered),
        words.text("failed"): ("@wrong", DOTTED, counts.failed),
    }
    if not series.open_loop:
        del lines[words.text("asked for")]
    if not any(counts.failed):
        del lines[words.text("failed")]
    rows = [
        row
        for name, (_, _, values) in lines.items()
        for row in _steps(series, name, values, per_second)
    ]
    caption = words.text(
        "asked for: {asked}, sent: {sent}, answered: {answered}; counted in {seconds} s",
        asked=f"{sum(counts.asked):,}",
        sent=f"{sum(counts.sent):,}",
        answered=f"{sum(counts.answered):,}",
        seconds=f"{series.bins.width_ns / NS:g}",
    )
    return Chart(
        id=f"{prefix}-rates",
        title=words.text("Request rate, asked for and achieved"),
        spec={
            "layer": [
                *phases(series, words),
                {
                    "data": {"values": rows},
                    "mark": {"type": "line", "interpolate": "step-after", "tooltip": True},
                    "encoding": {
                        "x": time_axis(series, words),
                        "y": numbers("v", words.text("requests/s")),
                        **named(
                            {name: one[0] for name, one in lines.items()},
                            dashes=[one[1] for one in lines.values()],
                        ),
                    },
                },
            ]
        },
        caption=caption,
        wide=True,
    )


def outcomes(series: LoadSeries, prefix: str, words: Wording) -> Chart:
    """How requests ended, bin by bin."""
    counts, edges = series.counts, series.bins.edges_ns
    ends = {
        words.text("answered"): ("@right", counts.answered),
        words.text("cancelled"): ("@filtered", counts.cancelled),
        words.text("failed"): ("@failed", counts.failed),
    }
    rows: list[Row] = []
    for at in range(series.bins.count):
        below = 0
        for name, (_, values) in ends.items():
            if values[at]:
                span = {"t": edges[at] / NS, "u": edges[at + 1] / NS}
                top = below + values[at]
                rows.append({**span, "s": name, "v": values[at], "a": below, "b": top})
                below = top
    encoding = {
        "x": time_axis(series, words),
        "x2": {"field": "u"},
        "y": numbers("a", words.text("requests")),
        "y2": {"field": "b"},
        **named({name: colour for name, (colour, _) in ends.items()}),
    }
    return Chart(
        id=f"{prefix}-outcomes",
        title=words.text("How requests ended"),
        spec={
            "data": {"values": rows},
            "mark": {"type": "rect", "tooltip": {"content": "data"}},
            "encoding": encoding,
        },
        caption=words.text(
            "{answered} answered, {failed} failed, {cancelled} cancelled",
            answered=f"{sum(counts.answered):,}",
            failed=f"{sum(counts.failed):,}",
            cancelled=f"{sum(counts.cancelled):,}",
        ),
        height=HALF,
    )


def tokens(series: LoadSeries, prefix: str, side: str, words: Wording) -> Chart | None:
    """Tokens a second of one side."""
    output = side == "output"
    values = series.counts.output_tokens if output else series.counts.input_tokens
    if not any(values):
        return None
    rows = _steps(series, "", values, NS / series.bins.width_ns)
    title = words.text("Output tokens") if output else words.text("Input tokens")
    return Chart(
        id=f"{prefix}-{side}-tokens",
        title=title,
        spec={
            "layer": [
                *phases(series, words),
                {
                    "data": {"values": [{"t": row["t"], "v": row["v"]} for row in rows]},
                    "mark": {
                        "type": "area", "interpolate": "step-after", "tooltip": True,
                        "color": "@series2" if output else "@series6", "opacity": 0.8,
                    },
                    "encoding": {
                        "x": time_axis(series, words),
                        "y": numbers("v", words.text("tokens/s")),
                    },
                },
            ]
        },
        caption=words.text("{n} in all", n=f"{sum(values):,.0f}"),
        height=HALF,
    )  # fmt: skip


def latencies(
    load: PerformanceResult, series: LoadSeries, prefix: str, words: Wording
) -> Iterator[Chart]:
    """Percentiles over time, from sent and from schedule."""
    found = {one.metric: one for one in series.over_time}
    colours = {"p50": "@series0", "p90": "@series4", "p99": "@series1"}
    for metric in ("ttft", "tpot", "itl", "e2el"):
        if metric not in found:
            continue
        rows, entries = [], {}
        for name, dash in ((metric, SOLID), (f"{metric}_scheduled", DOTTED)):
            one = found.get(name)
            late = name != metric
            for percentile, values in one.percentiles.items() if one else ():
                if late and percentile != "p99":
                    continue
                label = (
                    words.text("{percentile} from the schedule", percentile=percentile)
                    if late
                    else percentile
                )
                entries[label] = (colours[percentile], dash)
                rows += _points(series, label, values)
        yield Chart(
            id=f"{prefix}-{metric}-over-time",
            title=words.text("{metric} over time", metric=metric_title(metric, words)),
            spec={
                "layer": [
                    *phases(series, words),
                    {
                        "data": {"values": rows},
                        "mark": {"type": "line", "tooltip": True, "point": {"size": 8}},
                        "encoding": {
                            "x": time_axis(series, words),
                            "y": numbers("v", found[metric].unit),
                            **named(
                                {label: colour for label, (colour, _) in entries.items()},
                                dashes=[dash for _, dash in entries.values()],
                            ),
                        },
                    },
                    *limit_lines(limit_rows(load, metric)),
                ]
            },
            caption=words.text("gaps by when they ended")
            if metric == "itl"
            else words.text("requests by when they were sent"),
            height=HALF,
        )


def _points(series: LoadSeries, label: str, values: Sequence[float | None]) -> list[Row]:
    """A point in the middle of each bin; none where a bin is empty, and no line across it."""
    half = series.bins.width_ns / 2
    return [
        {"t": (edge + half) / NS, "s": label, "v": short(value)}
        for edge, value in zip(series.bins.edges_ns, values, strict=False)
    ]


def server(series: LoadSeries, prefix: str, words: Wording) -> Iterator[Chart]:
    """The server's own metrics, one chart for what shares an axis."""
    lines: dict[str, list[ServerLine]] = defaultdict(list)
    for one in series.server:
        lines[one.name].append(one)
    groups = (
        ("server-requests", words.text("Server: requests"), words.text("requests"), 1.0, {
            "running_requests": words.text("running"),
            "waiting_requests": words.text("waiting in its queue"),
        }),
        ("server-cache", words.text("Server: KV cache in use"), "%", 100.0, {
            "cache_usage": words.text("in use"),
        }),
        ("server-prefix", words.text("Server: prefix cache hits"), "%", 1.0, {
            "prefix_cache_hit_rate_percent": words.text("hits since the reading before"),
        }),
        ("server-speculation", words.text("Server: speculative decoding"), "%", 1.0, {
            "acceptance_rate_percent": words.text("draft tokens accepted"),
        }),
        ("server-acceptance", words.text("Server: tokens a step"), words.text("tokens"), 1.0, {
            "acceptance_length": words.text("acceptance length"),
            "accept_length": words.text("acceptance length, the server's own"),
        }),
        ("server-tokens", words.text("Server: tokens"), words.text("tokens/s"), 1.0, {
            "prompt_tokens": words.text("prompt"),
            "generation_tokens": words.text("generated"),
        }),
        ("server-transfers", words.text("Server: transfers of the KV cache"), "1/s", 1.0, {
            "kv_transfers": words.text("transfers"),
        }),
        ("server-queues", words.text("Server: queues between roles"), words.text("requests"),
         1.0, {
            "prefill_queue": words.text("to be computed"),
            "prefill_transfers": words.text("to be sent"),
            "decode_queue": words.text("to get memory"),
            "decode_transfers": words.text("to be received"),
        }),
        ("server-preemptions", words.text("Server: preemptions"), "1/s", 1.0, {
            "preemptions": words.text("preemptions"),
        }),
    )  # fmt: skip
    for name, title, unit, scale, members in groups:
        shown = {
            f"{line.role}: {label}" if line.role else label: line
            for one, label in members.items()
            for line in lines.get(one, ())
        }
        if shown:
            yield _server_chart(series, f"{prefix}-{name}", title, (unit, scale), shown, words)


def _server_chart(
    series: LoadSeries,
    id_: str,
    title: str,
    unit: tuple[str, float],
    shown: dict[str, ServerLine],
    words: Wording,
) -> Chart:
    rows = [
        {"t": short(time / NS), "s": label, "v": None if v is None else short(v * unit[1])}
        for label, line in shown.items()
        for time, v in _thinned(line)
    ]
    dashes = (SOLID, DASHED, DOTTED)
    entries = {label: f"@series{place % COLOURS}" for place, label in enumerate(shown)}
    return Chart(
        id=id_,
        title=title,
        spec={
            "layer": [
                *phases(series, words),
                {
                    "data": {"values": rows},
                    # The server is read before the load and after it as well.
                    "mark": {
                        "type": "line",
                        "tooltip": True,
                        "clip": True,
                        "point": {"size": 8, "clip": True},
                    },
                    "encoding": {
                        "x": time_axis(series, words),
                        "y": numbers("v", unit[0]),
                        **named(entries, dashes=[dashes[one % 3] for one in range(len(entries))]),
                    },
                },
            ]
        },
        caption=words.text(
            "{n} readings of the server", n=len(next(iter(shown.values())).times_ns)
        ),
        height=HALF,
    )


MOST_READINGS = 400


def _thinned(line: ServerLine) -> Iterator[tuple[int, float | None]]:
    """Its readings, evenly fewer where there are more than a chart shows."""
    step = -(-len(line.times_ns) // MOST_READINGS)
    return iter(list(zip(line.times_ns, line.values, strict=True))[::step])
