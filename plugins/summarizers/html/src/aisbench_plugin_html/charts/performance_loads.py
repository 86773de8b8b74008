"""Several loads beside each other: throughput against latency, and what a search found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.api import (
    LoadSeries,
    PerformanceResult,
    RunLimitResult,
    SearchResult,
    Wording,
)
from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.colours import SERIES
from aisbench_plugin_html.charts.parts import (
    Row,
    columns,
    figure_of,
    limit_lines,
    metric_title,
    named,
    numbers,
    short,
    statistics_of,
)
from aisbench_plugin_html.charts.performance_spread import cdf
from aisbench_plugin_html.charts.performance_time import HALF

SPEEDS = ("output_token_throughput", "request_throughput")
MOST_OVERLAID = 8


def verdict_of(load: PerformanceResult, words: Wording) -> str:
    """Of a point: within the SLO, beyond it, or not known."""
    if not load.health.kept_up or not load.complete:
        return words.text("not to be trusted")
    if load.slo is None:
        return words.text("no limits set")
    if load.slo.holds is None:
        return words.text("cannot be judged")
    return words.text("within the SLO") if load.slo.holds else words.text("beyond the SLO")


def sweeps(loads: Sequence[PerformanceResult], words: Wording) -> Iterator[Chart]:
    """Throughput against each latency, a line a model and data set, a point a load."""
    speed = next((one for one in SPEEDS if any(figure_of(load, one) for load in loads)), None)
    if speed is None:
        return
    for metric in ("ttft", "tpot", "itl", "e2el"):
        rows = list(_points(loads, speed, metric, words))
        if rows:
            yield _sweep(loads, rows, speed, metric, words)


def _points(
    loads: Sequence[PerformanceResult], speed: str, metric: str, words: Wording
) -> Iterator[Row]:
    for load in loads:
        figure, spread = figure_of(load, speed), statistics_of(load, metric)
        if figure is None or spread is None:
            continue
        percentile, value = _statistic(load, metric, spread.percentiles)
        yield {
            "x": short(figure.value), "lo": short(figure.low), "hi": short(figure.high),
            "y": short(value), "s": f"{load.model} / {load.dataset}", "load": load.load,
            "h": verdict_of(load, words), "p": percentile, "n": spread.n,
        }  # fmt: skip


def _statistic(
    load: PerformanceResult, metric: str, percentiles: Mapping[str, float]
) -> tuple[str, float]:
    """The percentile that the SLO limits, else p99, else the highest there is."""
    for limit in load.slo.limits if load.slo else ():
        if (
            isinstance(limit, RunLimitResult)
            and limit.metric == metric
            and limit.statistic in percentiles
        ):
            return limit.statistic, percentiles[limit.statistic]
    name = "p99" if "p99" in percentiles else max(percentiles, key=lambda one: float(one[1:]))
    return name, percentiles[name]


def _sweep(
    loads: Sequence[PerformanceResult],
    rows: Sequence[Row],
    speed: str,
    metric: str,
    words: Wording,
) -> Chart:
    unit = next(figure.unit for load in loads if (figure := figure_of(load, speed)))
    names = list(dict.fromkeys(row["s"] for row in rows))
    keys, values = point_labels([row["load"] for row in rows])
    rows = [
        {**row, "at": names.index(row["s"]), "l": value}
        for row, value in zip(rows, values, strict=True)
    ]
    x = numbers("x", f"{metric_title(speed, words)} [{unit}]")
    y = numbers(
        "y", f"{metric_title(metric, words)} {'/'.join(dict.fromkeys(r['p'] for r in rows))} [ms]"
    )
    layers = [
        *_points_and_lines(rows, x, y, words),
        *limit_lines(_limits(loads, metric)),
        *_frontier(rows, words),
    ]
    # A layer without a mark has nothing that a screen reader could be told.
    layers = [one for one in layers if one["data"]["values"]]
    return Chart(
        id=f"loads-{metric}",
        title=words.text("Throughput against {metric}", metric=metric_title(metric, words)),
        spec={"layer": layers},
        caption=_told(rows, keys, words),
        height=260,
    )


def _limits(loads: Sequence[PerformanceResult], metric: str) -> list[Row]:
    """Each limit on a metric once, of all loads."""
    found = {
        (one.key, one.limit_ms)
        for load in loads
        if load.slo
        for one in load.slo.limits
        if one.metric == metric
    }
    return [{"v": limit, "p": f"{key} = {limit:g}"} for key, limit in sorted(found)]


def _points_and_lines(
    rows: Sequence[Row], x: dict[str, Any], y: dict[str, Any], words: Wording
) -> list[dict[str, Any]]:
    """A line a model and data set, a point a load with its name; the shape is the verdict."""
    names = list(dict.fromkeys(row["s"] for row in rows))
    colour = named({name: SERIES[at % len(SERIES)] for at, name in enumerate(names)})
    shapes = {
        words.text("within the SLO"): "circle",
        words.text("beyond the SLO"): "cross",
        words.text("cannot be judged"): "diamond",
        words.text("not to be trusted"): "triangle-down",
        words.text("no limits set"): "square",
    }
    used = [name for name in shapes if any(row["h"] == name for row in rows)]
    shape = {
        "field": "h", "type": "nominal", "title": None,
        "scale": {"domain": used, "range": [shapes[name] for name in used]},
        "legend": {"columns": columns(used)},
    }  # fmt: skip
    wide = {"x": {**x, "field": "lo"}, "x2": {"field": "hi"}, "y": y, **colour}
    at = {"x": x, "y": y}
    return [
        {
            "data": {"values": list(rows)},
            "mark": {"type": "line", "opacity": 0.7},
            "encoding": {**at, "order": {"field": "x", "type": "quantitative"}, **colour},
        },
        {
            "data": {"values": [row for row in rows if row["lo"] is not None]},
            "mark": {"type": "rule", "opacity": 0.5},
            "encoding": wide,
        },
        {
            "data": {"values": list(rows)},
            "mark": {"type": "point", "filled": True, "size": 70, "tooltip": {"content": "data"},
                     "opacity": 1},
            "encoding": {**at, **colour, "shape": shape},
        },
        {
            "data": {"values": list(rows)},
            "mark": {"type": "text", "align": "left", "dx": 7, "fontSize": 10, "color": "@quiet",
                     "dy": {"expr": "-8 + 20 * (datum.at % 2) - 12 * floor(datum.at / 2)"}},
            "encoding": {**at, "text": {"field": "l"}},
        },
    ]  # fmt: skip


def _told(rows: Sequence[Row], keys: Sequence[str], words: Wording) -> str:
    told = words.text("a point a load; bars are 95 % intervals of the throughput")
    if keys:
        told += f" ({', '.join(keys)})"
    if _frontier(rows, words):
        told += "; " + words.text("dotted: the most that a load within the SLO brought")
    return told


def point_labels(loads: Sequence[str]) -> tuple[list[str], list[str]]:
    """What differs between names of loads such as "rate=2,run=1": the keys, and the values of each
    load; the names themselves where they are no such pairs."""
    pairs = [dict(part.split("=", 1) for part in one.split(",") if "=" in part) for one in loads]
    keys = [key for key in pairs[0] if len({one.get(key) for one in pairs}) > 1] if pairs else []
    if not keys or not all(key in one for one in pairs for key in keys):
        return [], list(loads)
    return keys, [", ".join(one[key] for key in keys) for one in pairs]


def _frontier(rows: Sequence[Row], words: Wording) -> list[dict[str, Any]]:
    """The most throughput that a load within the SLO had, of each model and data set."""
    best: dict[str, Row] = {}
    for row in rows:
        if row["h"] == words.text("within the SLO") and (
            row["s"] not in best or row["x"] > best[row["s"]]["x"]
        ):
            best[row["s"]] = row
    found = [{"x": row["x"], "s": row["s"]} for row in best.values()]
    if not found or len(found) == len(rows):
        return []
    return [
        {
            "data": {"values": found},
            "mark": {"type": "rule", "strokeDash": [2, 3], "color": "@right", "strokeWidth": 1.5,
                     "tooltip": {"content": "data"}},
            "encoding": {"x": {"field": "x", "type": "quantitative"}},
        }
    ]  # fmt: skip


def overlaid(
    loads: Sequence[PerformanceResult], series: Mapping[int, LoadSeries], words: Wording
) -> Iterator[Chart]:
    """CDFs of several loads over each other; models (adapters) as well as rates."""
    chosen = [at for at in range(len(loads)) if at in series]
    if len(chosen) > MOST_OVERLAID:
        last = MOST_OVERLAID - 1
        chosen = [chosen[round(at * (len(chosen) - 1) / last)] for at in range(MOST_OVERLAID)]
    if len(chosen) < 2:
        return
    labels = load_labels([loads[at] for at in chosen])
    for metric in ("ttft", "tpot", "itl", "e2el"):
        curves = {
            label: curve
            for label, at in zip(labels, chosen, strict=True)
            if (curve := series[at].curves.get(metric))
        }
        if len(curves) < 2:
            continue
        unit = next(iter(curves.values())).unit
        title = metric_title(metric, words)
        dashes = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
        yield Chart(
            id=f"overlaid-{metric}",
            title=words.text("{metric} of all loads: cumulated", metric=title),
            spec={"layer": [cdf(curves, unit, words, SERIES, dashes)]},
            caption=words.text("{shown} of {total} loads", shown=len(curves), total=len(loads)),
            height=240,
        )


def load_labels(loads: Sequence[PerformanceResult]) -> list[str]:
    """What tells loads apart, without what all have in common."""
    parts = [(one.model, one.dataset, one.variant, one.load) for one in loads]
    columns = [column for column in zip(*parts, strict=True) if len(set(column)) > 1]
    rows = zip(*columns, strict=True) if columns else [(one.load,) for one in loads]
    return [" / ".join(filter(None, row)) for row in rows]


def search_chart(search: SearchResult, number: int, words: Wording) -> Chart | None:
    """Every load that a search ran: what it asked of the server, and whether the limits held."""
    probes = [one for one in search.probes if one.request_throughput is not None]
    if not probes:
        return None
    holds, breaks = words.text("within the SLO"), words.text("beyond the SLO")
    doubt = words.text("the client did not keep up")
    rows = [
        {
            "x": one.value, "y": short(one.request_throughput), "load": one.load,
            "h": doubt if not one.kept_up else holds if one.held else breaks,
            "goodput": short(one.goodput), "attainment": short(one.slo_attainment),
            "TTFT p99 ms": short(one.ttft_p99), "TPOT p99 ms": short(one.tpot_p99),
            "E2EL p99 ms": short(one.e2el_p99),
        }
        for one in probes
    ]  # fmt: skip
    x = numbers("x", search.key)
    y = numbers("y", words.text("requests/s"))
    colours = {holds: "@right", breaks: "@wrong", doubt: "@refused"}
    shapes = {holds: "circle", breaks: "cross", doubt: "triangle-down"}
    used = [name for name in colours if any(row["h"] == name for row in rows)]
    layers = _bounds(search, x, words)
    kind = {
        "field": "h", "type": "nominal", "title": None, "sort": used,
    }  # fmt: skip
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.9,
                     "tooltip": {"content": "data"}},
            "encoding": {
                "x": x, "y": y,
                "color": {**kind, "scale": {"domain": used,
                                            "range": [colours[name] for name in used]}},
                "shape": {**kind, "scale": {"domain": used,
                                            "range": [shapes[name] for name in used]}},
            },
        }
    )  # fmt: skip
    return Chart(
        id=f"search-{number}",
        title=words.text(
            "Search of {key}: {model} / {dataset}",
            key=search.key, model=search.model, dataset=search.dataset,
        ),
        spec={"layer": layers},
        caption=words.text("a point a load; between the bounds lies the limit"),
        wide=True,
    )  # fmt: skip


def _bounds(search: SearchResult, x: dict[str, Any], words: Wording) -> list[dict[str, Any]]:
    """Between what the limit lies, and what was found."""
    layers: list[dict[str, Any]] = []
    if search.low is not None and search.high is not None:
        layers.append(
            {
                "data": {"values": [{"lo": search.low, "hi": search.high}]},
                "mark": {"type": "rect", "color": "@truncated", "opacity": 0.15},
                "encoding": {"x": {**x, "field": "lo"}, "x2": {"field": "hi"}},
            }
        )
    if search.best is not None:
        best = [{"v": search.best, "p": words.text("found: {value}", value=f"{search.best:g}")}]
        line = limit_lines(best, "x")
        line[0]["mark"] = {**line[0]["mark"], "color": "@right"}
        line[1]["mark"] = {**line[1]["mark"], "color": "@right"}
        layers += line
    return layers


def turns(load: PerformanceResult, prefix: str, words: Wording) -> Iterator[Chart]:
    """Latencies turn by turn of conversations."""
    parts = [one for one in load.populations if one.name.startswith(("turn ", "step "))]
    steps = bool(parts) and parts[0].name.startswith("step ")
    word = words.text("step") if steps else words.text("turn")
    for metric in ("ttft", "tpot", "e2el"):
        rows = []
        for part in parts:
            found = next((one for one in part.statistics if one.name == metric), None)
            for name in ("p50", "p99"):
                if found is not None and name in found.percentiles:
                    rows.append(
                        {"turn": int(part.name.split()[1]), "v": short(found.percentiles[name]),
                         "s": name, "n": found.n}
                    )  # fmt: skip
        if not rows:
            continue
        yield Chart(
            id=f"{prefix}-{metric}-by-turn",
            title=(
                words.text("{metric} by step", metric=metric_title(metric, words))
                if steps
                else words.text("{metric} by turn", metric=metric_title(metric, words))
            ),
            spec={
                "data": {"values": rows},
                "mark": {"type": "line", "point": True, "tooltip": {"content": "data"}},
                "encoding": {
                    "x": {"field": "turn", "type": "ordinal", "title": word,
                          "axis": {"labelAngle": 0}},
                    "y": numbers("v", "ms"),
                    **named({"p50": "@series0", "p99": "@series1"},
                            dashes=[[1, 0], [5, 3]]),
                },
            },
            caption=words.text("of the conversations' requests that were answered"),
            height=HALF,
        )  # fmt: skip
