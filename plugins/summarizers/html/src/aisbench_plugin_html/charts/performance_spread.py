"""How latencies and arrivals are spread: CDFs and histograms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.api import LoadSeries, PerformanceResult, ValueCurve, Wording
from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.colours import SERIES
from aisbench_plugin_html.charts.parts import (
    Row,
    limit_lines,
    limit_rows,
    metric_title,
    named,
    numbers,
    short,
    statistics_of,
)
from aisbench_plugin_html.charts.performance_time import DOTTED, HALF, SOLID

MARKED = ("p50", "p90", "p99")
"""Percentiles that a CDF names, with the values of the summary."""


def spreads(
    load: PerformanceResult, series: LoadSeries, prefix: str, words: Wording
) -> Iterator[Chart]:
    """A CDF and a histogram of each latency."""
    for metric in ("ttft", "tpot", "itl", "e2el"):
        curve = series.curves.get(metric)
        if curve is None:
            continue
        curves = {words.text("from sent"): curve} if metric != "itl" else {"ITL": curve}
        if late := series.curves.get(f"{metric}_scheduled"):
            curves[words.text("from the schedule")] = late
        title = metric_title(metric, words)
        yield Chart(
            id=f"{prefix}-{metric}-cdf",
            title=words.text("{metric}: cumulated", metric=title),
            spec={
                "layer": [
                    cdf(curves, curve.unit, words, ("@series0", "@series1"), (SOLID, DOTTED)),
                    *limit_lines(limit_rows(load, metric), "x"),
                    *_marks(load, metric),
                ]
            },
            caption=_n(curve, words),
            height=HALF,
        )
        yield histogram(
            {title: curve},
            id_=f"{prefix}-{metric}-histogram",
            title=words.text("{metric}: histogram", metric=title),
            count=words.text("gaps") if metric == "itl" else words.text("requests"),
            words=words,
        )


def arrivals(series: LoadSeries, prefix: str, words: Wording) -> Iterator[Chart]:
    """How the requests came: rates, gaps between them, lateness."""
    asked, sent = words.text("asked for"), words.text("sent")
    for name, title, count in (
        ("rate", words.text("Rates, asked for and achieved"), words.text("stretches of time")),
        ("arrival_gap", words.text("Time between requests"), words.text("gaps")),
    ):
        curves = {}
        if series.open_loop and (one := series.curves.get(f"{name}_asked")):
            curves[asked] = one
        if one := series.curves.get(f"{name}_sent"):
            curves[sent] = one
        if curves:
            yield histogram(
                curves,
                id_=f"{prefix}-{name.replace('_', '-')}-distribution",
                title=title,
                count=count,
                words=words,
            )
    lag = series.curves.get("schedule_lag")
    if lag is not None:
        yield Chart(
            id=f"{prefix}-schedule-lag",
            title=words.text("Schedule lag: how late requests were sent"),
            spec={"layer": [cdf({sent: lag}, lag.unit, words, ("@series0",), (SOLID,))]},
            caption=_n(lag, words),
            height=HALF,
        )


def cdf(
    curves: Mapping[str, ValueCurve],
    unit: str,
    words: Wording,
    colours: Sequence[str],
    dashes: Sequence[Sequence[int]],
) -> dict[str, Any]:
    """The share of values at or below each value, of some curves."""
    log = _on_log(curves.values())
    rows = [
        {"v": short(value), "f": share, "s": name}
        for name, curve in curves.items()
        for share, value in zip(curve.shares, curve.values, strict=True)
        if value > 0 or not log
    ]
    entries = {name: colours[at % len(colours)] for at, name in enumerate(curves)}
    chosen = [dashes[at % len(dashes)] for at in range(len(curves))]
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "tooltip": True, "interpolate": "linear"},
        "encoding": {
            "x": numbers("v", unit, log=log, zero=False),
            "y": numbers(
                "f", words.text("% at or below"), scale={"domain": [0, 100], "nice": False}
            ),
            "order": {"field": "f", "type": "quantitative"},
            **named(entries, dashes=chosen),
        },
    }


def _on_log(curves: Any) -> bool:
    """Whether a logarithmic axis suits them: some spread widely, and all have values above 0."""
    curves = list(curves)
    return any(one.logarithmic for one in curves) and all(
        # A share of zeros that shows cannot stand on a logarithmic axis.
        one.values[len(one.values) // 4] > 0
        for one in curves
    )


def _marks(load: PerformanceResult, metric: str) -> list[dict[str, Any]]:
    """The percentiles of the summary as points with their values."""
    found = statistics_of(load, metric)
    if found is None:
        return []
    rows = [
        {
            "v": short(found.percentiles[name]),
            "f": float(name[1:]),
            "p": f"{name} {found.percentiles[name]:.4g}{'~' if name in found.weak else ''}",
        }
        for name in MARKED
        if found.percentiles.get(name, 0) > 0
    ]
    if not rows:
        return []
    encoding = {
        "x": {"field": "v", "type": "quantitative"},
        "y": {"field": "f", "type": "quantitative"},
    }
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 36, "color": "@ink",
                     "tooltip": True, "opacity": 1},
            "encoding": encoding,
        },
        {
            "data": {"values": rows},
            "mark": {"type": "text", "fontSize": 10, "dx": {"expr": "datum.f > 95 ? -8 : 8"},
                     "dy": {"expr": "datum.f > 95 ? 2 : 8"},
                     "align": {"expr": "datum.f > 95 ? 'right' : 'left'"}},
            "encoding": {**encoding, "text": {"field": "p"}},
        },
    ]  # fmt: skip


def histogram(
    curves: Mapping[str, ValueCurve], *, id_: str, title: str, count: str, words: Wording
) -> Chart:
    """Counts in buckets; of two curves, the second one as an outline over the first."""
    log = any(one.logarithmic for one in curves.values()) and all(
        one.edges[0] > 0 or one.logarithmic for one in curves.values()
    )
    captions = [_n(next(iter(curves.values())), words)]
    names = list(curves)
    entries = {name: SERIES[0] if len(names) == 1 or at else "@quiet"
               for at, name in enumerate(names)}  # fmt: skip
    layers: list[dict[str, Any]] = []
    for at, (name, one) in enumerate(curves.items()):
        edges = list(one.edges)
        if log and edges[0] == 0:
            # There is no 0 on such an axis: its bucket stands at the left, as wide as the next.
            edges[0] = edges[1] * edges[1] / edges[2]
            captions.append(words.text("the bar at the left: {n} of 0", n=f"{one.counts[0]:,}"))
        rows: list[Row] = [
            {"v": short(low), "w": short(high), "c": number, "s": name}
            for low, high, number in zip(edges, edges[1:], one.counts, strict=False)
            if number
        ]
        outline = len(names) > 1 and at == 0
        layers.append(
            {
                "data": {"values": rows},
                "mark": {
                    "type": "rect",
                    "tooltip": {"content": "data"},
                    "opacity": 0.45 if outline else 0.75,
                },
                "encoding": {
                    "x": numbers("v", one.unit, log=log, zero=False, scale={"nice": False}),
                    "x2": {"field": "w"},
                    "y": numbers("c", count),
                    "y2": {"datum": 0},
                    **named(entries),
                },
            }
        )
    if len(names) == 1:
        layers[0]["encoding"].pop("color")
    caption = "; ".join(dict.fromkeys(captions))
    return Chart(id=id_, title=title, spec={"layer": layers}, caption=caption, height=HALF)


def _n(curve: ValueCurve, words: Wording) -> str:
    if curve.exact:
        return words.text("n = {n}", n=f"{curve.n:,}")
    return words.text("n = {n}; percentiles within 0.05 %", n=f"{curve.n:,}")
