"""What charts of loads have in common: rows of data, axes, phases, lines of limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.api import METRICS, LoadSeries, PerformanceResult, Wording, translated

NS = 1e9
Row = dict[str, Any]
Layer = dict[str, Any]


def short(value: float | None, digits: int = 7) -> float | None:
    """A number of so many figures: what no eye sees need not be in the page."""
    return None if value is None else float(f"{value:.{digits}g}")


def metric_title(name: str, words: Wording) -> str:
    """What users call a metric."""
    metric = METRICS.get(name)
    return translated(metric.title, words.language) if metric else name


def metric_hint(name: str, words: Wording) -> str:
    """How a metric is made, in one or two sentences."""
    metric = METRICS.get(name)
    if metric is None:
        return ""
    remarks = f" {translated(metric.remarks, words.language)}" if metric.remarks else ""
    return f"{metric.formula} [{metric.unit}].{remarks}"


def numbers(
    field: str, title: str, *, log: bool = False, zero: bool = True, **more: Any
) -> dict[str, Any]:
    """A channel of numbers."""
    kind = {"type": "log"} if log else {"zero": zero}
    scale = {**kind, **more.pop("scale", {})}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, **more}


def time_axis(series: LoadSeries, words: Wording, field: str = "t") -> dict[str, Any]:
    """Seconds after the start of the load; all charts of a load have the same."""
    domain = [series.bins.begin_ns / NS, series.bins.end_ns / NS]
    return numbers(
        field,
        words.text("seconds after the start of the load"),
        zero=False,
        scale={"domain": domain, "nice": False},
        axis={"tickCount": 8, "format": "~g"},
    )


def named(
    entries: Mapping[str, str], *, title: str | None = None, dashes: Sequence[Any] = ()
) -> dict[str, Any]:
    """Channels that tell series apart: by colour and, with ``dashes``, by the line as well.
    ``entries`` is the colour of each label, in order."""
    domain, colours = list(entries), list(entries.values())
    legend: dict[str, Any] = {"columns": columns(domain)}
    if dashes:
        legend["symbolType"] = "stroke"
    found: dict[str, Any] = {
        "color": {
            "field": "s", "type": "nominal", "title": title, "sort": domain, "legend": legend,
            "scale": {"domain": domain, "range": colours},
        },
    }  # fmt: skip
    if dashes:
        found["strokeDash"] = {
            "field": "s", "type": "nominal", "title": title, "sort": domain, "legend": legend,
            "scale": {"domain": domain, "range": list(dashes)},
        }  # fmt: skip
    return found


def columns(labels: Sequence[str]) -> dict[str, str]:
    """So many columns of a legend as fit into the width of its plot."""
    widest = max(
        (sum(2 if ord(one) > 0x2E80 else 1 for one in label) for label in labels), default=1
    )
    return {"expr": f"max(1, floor((width + 40) / {widest * 6 + 30}))"}


def phases(series: LoadSeries, words: Wording) -> list[Layer]:
    """Warm-up and cool-down as bands behind everything, with their names."""
    measured = next((one for one in series.phases if one.name == "measured"), None)
    spans: dict[str, tuple[int, int]] = {}
    for one in series.phases:
        if one.name == "warm_up":
            end = min(one.end_ns, measured.begin_ns) if measured else one.end_ns
            spans[words.text("warm-up")] = (one.begin_ns, max(end, one.begin_ns))
        elif one.name == "cool_down":
            spans[words.text("cool-down")] = (one.begin_ns, one.end_ns)
    if not spans:
        return []
    rows = [
        {"a": short(begin / NS), "b": short(end / NS), "p": name}
        for name, (begin, end) in spans.items()
    ]
    return [
        {
            "data": {"values": rows},
            "mark": {"type": "rect", "color": "@grid", "opacity": 0.8, "tooltip": None},
            "encoding": {
                "x": {"field": "a", "type": "quantitative"},
                "x2": {"field": "b"},
            },
        },
        {
            "data": {"values": rows},
            "mark": {
                "type": "text", "align": "left", "baseline": "top", "dx": 3, "dy": 3,
                "fontSize": 10, "color": "@quiet",
            },
            "encoding": {
                "x": {"field": "a", "type": "quantitative"},
                "y": {"value": 0},
                "text": {"field": "p"},
            },
        },
    ]  # fmt: skip


def limit_rows(load: PerformanceResult, metric: str) -> list[Row]:
    """The SLO's limits on a metric."""
    if load.slo is None:
        return []
    return [
        {"v": one.limit_ms, "p": f"{one.key} = {one.limit_ms:g}"}
        for one in load.slo.limits
        if one.metric == metric
    ]


def limit_lines(rows: Sequence[Row], channel: str = "y") -> list[Layer]:
    """Limits as dashed lines with their names, across a chart."""
    if not rows:
        return []
    at = {channel: {"field": "v", "type": "quantitative"}}
    # At the right: the names of the phases stand at the left.
    text: dict[str, Any] = {"x": {"value": "width"}} if channel == "y" else {"y": {"value": 4}}
    place: dict[str, Any] = {"align": "right", "dx": -4, "dy": -5}
    if channel == "x":
        right = "scale('x', datum.v) > 0.75 * width"
        place = {
            "align": {"expr": f"{right} ? 'right' : 'left'"},
            "dx": {"expr": f"{right} ? -4 : 4"},
            "baseline": "top",
        }
    return [
        {
            "data": {"values": list(rows)},
            "mark": {"type": "rule", "strokeDash": [6, 4], "color": "@wrong", "strokeWidth": 1.25},
            "encoding": at,
        },
        {
            "data": {"values": list(rows)},
            "mark": {"type": "text", "fontSize": 10, "color": "@wrong", **place},
            "encoding": {**at, **text, "text": {"field": "p"}},
        },
    ]


def part_of(load: PerformanceResult, name: str = "run") -> Any:
    """A population of a load, None where it is not there."""
    return next((one for one in load.populations if one.name == name), None)


def figure_of(load: PerformanceResult, name: str) -> Any:
    """A figure of the whole run of a load, None where it is not there."""
    part = part_of(load)
    return next((one for one in part.figures if one.name == name), None) if part else None


def statistics_of(load: PerformanceResult, name: str, part: str = "run") -> Any:
    """Statistics of a metric in a part of a load, None where there are none."""
    found = part_of(load, part)
    return next((one for one in found.statistics if one.name == name), None) if found else None
