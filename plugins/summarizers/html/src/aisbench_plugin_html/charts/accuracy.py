"""Charts of answers: figures with intervals, parts, outcomes, curves over k, lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from aisbench_plugin_html.charts.colours import SERIES

Row = dict[str, Any]
Spec = dict[str, Any]
VERDICTS = (
    "right", "graded", "wrong", "unparsed", "truncated", "unfinished", "filtered", "refused",
    "unjudged", "failed",
)  # fmt: skip
"""In the order in which they are stacked."""
LABELLED = 0.16
"""The share of a bar from which on a piece has room for its name."""


@frozen(kw_only=True)
class Axes:
    """The words on a chart of figures."""

    value: str
    unit: str
    n: str
    low: str
    high: str

    @property
    def title(self) -> str:
        """Value with its unit."""
        return f"{self.value} [{self.unit}]" if self.unit else self.value


def intervals(rows: Sequence[Row], axes: Axes, *, by: str, models: Sequence[str]) -> Spec:
    """A dot with its interval for each row: ``{by, "model", "value", "low", "high", "n"}``;
    those of one ``by`` beside each other, models apart by colour and form."""
    y = {"field": by, "type": "nominal", "title": None, "sort": None}
    tip = _tips(
        {by: "", "model": "", "value": axes.title, "low": axes.low, "high": axes.high, "n": axes.n}
    )
    x = {
        "field": "value", "type": "quantitative", "title": axes.title, "scale": {"zero": False},
        "axis": {"tickCount": 10},
    }  # fmt: skip
    return {
        "data": {"values": list(rows)},
        "encoding": {
            "y": y,
            "yOffset": {"field": "model", "sort": None},
            "color": {**_models(models), "legend": {"title": None}},
            "tooltip": tip,
        },
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 1.5},
                "encoding": {
                    "x": {**x, "field": "low"},
                    "x2": {"field": "high"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1},
                "encoding": {
                    "x": x,
                    "shape": _shape("model", models),
                },
            },
        ],
    }


def heat_map(rows: Sequence[Row], axes: Axes, *, span: tuple[float, float]) -> Spec:
    """``{"part", "model", "value", "text", "n", "low", "high"}``: a cell each, darker where the
    value is higher, with the value in it. ``span`` is that of the scale."""
    return {
        "data": {"values": list(rows)},
        "encoding": {
            "y": {
                "field": "part", "type": "nominal", "title": None, "sort": None,
                "axis": {"domain": False, "ticks": False, "labelLimit": 300},
            },
            "x": {
                "field": "model", "type": "nominal", "title": None, "sort": None,
                "axis": {
                    "orient": "top", "domain": False, "ticks": False,
                    # Beside each other where they have room even on a phone, more or less.
                    "labelAngle": 0 if sum(map(len, {one["model"] for one in rows})) < 40 else -35,
                },
            },
            "tooltip": _tips(
                {"part": "", "model": "", "value": axes.title, "low": axes.low,
                 "high": axes.high, "n": axes.n}
            ),
        },
        "layer": [
            {
                "mark": {"type": "rect", "fill": "@accent", "stroke": "@paper", "strokeWidth": 2},
                "encoding": {
                    "fillOpacity": {
                        "field": "value", "type": "quantitative", "legend": None,
                        "scale": {"domain": list(span), "range": [0.04, 0.62], "clamp": True},
                    }
                },
            },
            {
                "mark": {"type": "text", "fontSize": 11, "fill": "@ink"},
                "encoding": {"text": {"field": "text"}},
            },
        ],
    }  # fmt: skip


def stacked(
    rows: Sequence[Row], *, title: str, colours: Mapping[str, str], kind: str, n: str, share: str
) -> Spec:
    """``{"task", KIND, "n", "share", "rank"}``: bars of shares, each in pieces by ``kind``; the
    larger ones have their names on them."""
    named = [
        {**one, "label": one[kind] if one["share"] >= LABELLED else ""} for one in rows
    ]  # fmt: skip
    x = {
        "field": "n", "type": "quantitative", "stack": "normalize", "title": title,
        "axis": {"format": "%", "tickCount": 10},
    }  # fmt: skip
    return {
        "data": {"values": named},
        "encoding": {
            "y": {"field": "task", "type": "nominal", "title": None, "sort": None},
            "order": {"field": "rank", "type": "quantitative"},
            "tooltip": [
                {"field": "task", "title": ""},
                {"field": kind, "title": ""},
                {"field": "n", "type": "quantitative", "format": ",", "title": n},
                {"field": "share", "type": "quantitative", "format": ".1%", "title": share},
            ],
        },
        "layer": [
            {
                "mark": {"type": "bar", "stroke": "@paper", "strokeWidth": 1},
                "encoding": {
                    "x": x,
                    "color": {
                        "field": kind, "type": "nominal", "sort": None, "legend": {"title": None},
                        "scale": {"domain": list(colours), "range": list(colours.values())},
                    },
                },
            },
            {
                "mark": {"type": "text", "fill": "@paper", "fontSize": 10, "limit": 90},
                "encoding": {
                    "x": {**x, "bandPosition": 0.5},
                    "text": {"field": "label"},
                    "detail": {"field": kind},
                },
            },
        ],
    }  # fmt: skip


def over_k(rows: Sequence[Row], axes: Axes, *, series: Sequence[str]) -> Spec:
    """``{"series", "k", "value", "low", "high", "n"}``: a line with its band for each series."""
    colour = {
        "field": "series", "type": "nominal", "sort": None,
        "legend": {"title": None, "symbolOpacity": 1},
        "scale": {"domain": list(series), "range": _cycle(len(series))},
    }  # fmt: skip
    k = {
        "field": "k", "type": "quantitative", "title": "k",
        "axis": {"tickMinStep": 1, "format": "d"}, "scale": {"zero": False, "nice": False},
    }  # fmt: skip
    y = {"field": "value", "type": "quantitative", "title": axes.title, "scale": {"zero": False}}
    tip = _tips({"series": "", "k": "k", "value": axes.title, "low": axes.low, "high": axes.high,
                 "n": axes.n})  # fmt: skip
    return {
        "data": {"values": list(rows)},
        "encoding": {"x": k, "color": colour, "tooltip": tip},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.12},
                "encoding": {
                    "y": {**y, "field": "low"},
                    "y2": {"field": "high"},
                    "tooltip": {"value": None},
                },
            },
            {"mark": {"type": "line"}, "encoding": {"y": y}},
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                "encoding": {
                    "y": y,
                    "shape": _shape("series", series),
                },
            },
        ],
    }


def readings(rows: Sequence[Row], axes: Axes, *, names: Sequence[str]) -> Spec:
    """``{"task", "reading", "value", "low", "high", "n"}``: the values of one task on one line."""
    return {
        "data": {"values": list(rows)},
        "encoding": {
            "y": {"field": "task", "type": "nominal", "title": None, "sort": None},
            "x": {
                "field": "value", "type": "quantitative", "title": axes.title,
                "scale": {"zero": False},
            },
        },
        "layer": [
            {
                "mark": {"type": "line", "color": "@line", "strokeWidth": 3},
                "encoding": {"detail": {"field": "task"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {
                    "color": {
                        "field": "reading", "sort": None, "legend": {"title": None},
                        "scale": {"domain": list(names), "range": _cycle(len(names))},
                    },
                    "shape": _shape("reading", names),
                    "tooltip": _tips(
                        {"task": "", "reading": "", "value": axes.title, "low": axes.low,
                         "high": axes.high, "n": axes.n}
                    ),
                },
            },
        ],
    }  # fmt: skip


def spreads(
    rows: Sequence[Row], *, title: str, colours: Mapping[str, str], median: str, n: str
) -> Spec:
    """``{"task", "verdict", "p5", "p25", "p50", "p75", "p95", "n"}``: a box each, beside each
    other within a task."""
    x = {"type": "quantitative", "title": title, "scale": {"zero": True}, "axis": {"tickCount": 8}}
    colour = {
        "field": "verdict", "type": "nominal", "sort": None, "legend": {"title": None},
        "scale": {"domain": list(colours), "range": list(colours.values())},
    }  # fmt: skip
    tip = _tips({"task": "", "verdict": "", "p5": "p5", "p25": "p25", "p50": median,
                 "p75": "p75", "p95": "p95", "n": n})  # fmt: skip
    return {
        "data": {"values": list(rows)},
        "encoding": {
            "y": {"field": "task", "type": "nominal", "title": None, "sort": None},
            # A bar's own height would leave it below the middle of its band.
            "yOffset": {"field": "verdict", "sort": None, "scale": {"paddingInner": 0.3}},
            "color": colour,
            "tooltip": tip,
        },
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 1},
                "encoding": {"x": {**x, "field": "p5"}, "x2": {"field": "p95"}},
            },
            {
                "mark": {"type": "bar", "opacity": 0.75},
                "encoding": {"x": {**x, "field": "p25"}, "x2": {"field": "p75"}},
            },
            {
                "mark": {"type": "tick", "thickness": 2},
                "encoding": {"x": {**x, "field": "p50"}, "color": {"value": "@ink"}},
            },
        ],
    }


def histogram(rows: Sequence[Row], *, title: str, count: str, colours: Mapping[str, str]) -> Spec:
    """``{"begin", "end", "verdict", "n", "rank"}``: bars of counts, stacked by verdict."""
    return {
        "data": {"values": list(rows)},
        "mark": {"type": "bar", "stroke": "@paper", "strokeWidth": 0.5},
        "encoding": {
            "x": {"field": "begin", "type": "quantitative", "title": title,
                  "bin": {"binned": True}},
            "x2": {"field": "end"},
            "y": {"field": "n", "type": "quantitative", "stack": "zero", "title": count,
                  "axis": {"tickMinStep": 1}},
            "color": {
                "field": "verdict", "type": "nominal", "sort": None, "legend": {"title": None},
                "scale": {"domain": list(colours), "range": list(colours.values())},
            },
            "order": {"field": "rank", "type": "quantitative"},
            "tooltip": [
                {"field": "verdict", "title": ""},
                {"field": "begin", "type": "quantitative", "format": ",", "title": "≥"},
                {"field": "end", "type": "quantitative", "format": ",", "title": "<"},
                {"field": "n", "type": "quantitative", "format": ",", "title": count},
            ],
        },
    }  # fmt: skip


def _models(models: Sequence[str]) -> dict[str, Any]:
    return {
        "field": "model", "type": "nominal", "sort": None,
        "scale": {"domain": list(models), "range": _cycle(len(models))},
    }  # fmt: skip


def _shape(field: str, names: Sequence[str]) -> dict[str, Any]:
    """Forms beside colours, in one legend with them: both have the same domain."""
    return {
        "field": field, "type": "nominal", "sort": None,
        "legend": {"title": None, "symbolOpacity": 1}, "scale": {"domain": list(names)},
    }  # fmt: skip


def _cycle(count: int) -> list[str]:
    return [SERIES[at % len(SERIES)] for at in range(count)]


def _tips(fields: Mapping[str, str]) -> list[dict[str, Any]]:
    quantities = {"value", "low", "high", "p5", "p25", "p50", "p75", "p95"}
    return [
        {"field": name, "title": title}
        | ({"type": "quantitative", "format": ",.4~f"} if name in quantities else {})
        | ({"type": "quantitative", "format": ","} if name == "n" else {})
        for name, title in fields.items()
    ]
