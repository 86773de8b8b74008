"""Prefix caches and speculative decoding: theory against server, acceptance by position."""

from __future__ import annotations

from collections.abc import Iterator

from aisbench.api import LoadSeries, PerformanceResult, PrefixHits, Wording
from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.colours import SERIES
from aisbench_plugin_html.charts.parts import NS, Row, named, numbers, phases, short, time_axis
from aisbench_plugin_html.charts.performance_time import DASHED, DOTTED, HALF, SOLID

MOST_GROUPS = 30


def cache_charts(
    load: PerformanceResult, series: LoadSeries | None, prefix: str, words: Wording
) -> Iterator[Chart]:
    """Those for which there is something to draw."""
    if series is not None:
        yield from _over_time(load, series, prefix, words)
    yield from _by_group(load, prefix, words)
    yield from _by_position(load, prefix, words)


def _over_time(
    load: PerformanceResult, series: LoadSeries, prefix: str, words: Wording
) -> Iterator[Chart]:
    cache = load.prefix_cache
    if cache is None or cache.over_time is None or not cache.looked_up.most:
        return
    over = cache.over_time
    lines = {
        words.text("theory, for certain"): over.theory,
        words.text("theory, at most"): over.most,
        words.text("the server"): over.server,
    }
    rows = [
        {"t": short(time / NS), "s": label, "v": short(value)}
        for label, values in lines.items()
        for time, value in zip(over.times_ns, values, strict=True)
        if value is not None
    ]
    entries = dict(zip(lines, ("@series0", "@series2", "@series1"), strict=True))
    yield Chart(
        id=f"{prefix}-prefix-over-time",
        title=words.text("Prefix cache: the schedule's hit rate and the server's"),
        spec={
            "layer": [
                *phases(series, words),
                {
                    "data": {"values": rows},
                    "mark": {
                        "type": "line",
                        "tooltip": True,
                        "clip": True,
                        "point": {"size": 8, "clip": True},
                    },
                    "encoding": {
                        "x": time_axis(series, words),
                        "y": numbers("v", "%"),
                        **named(entries, dashes=[SOLID, DOTTED, DASHED]),
                    },
                },
            ]
        },
        caption=words.text("of the prompt tokens between two readings of the server"),
        height=HALF,
    )


def _by_group(load: PerformanceResult, prefix: str, words: Wording) -> Iterator[Chart]:
    cache = load.prefix_cache
    if cache is None or not cache.measured.most:
        return
    for label in dict.fromkeys(one.label for one in cache.groups):
        groups = [one for one in cache.groups if one.label == label]
        if len(groups) < 2:
            continue
        rows: list[Row] = []
        for one in groups[:MOST_GROUPS]:
            for name, value in _rates(one.hits, words):
                if value is not None:
                    rows.append({"g": one.value, "s": name, "v": short(value)})
        names = list(dict.fromkeys(row["s"] for row in rows))
        order = [one.value for one in groups[:MOST_GROUPS]]
        yield Chart(
            id=f"{prefix}-prefix-by-{''.join(c if c.isalnum() else '-' for c in label)}",
            title=words.text("Prefix cache hits by {label}", label=label),
            spec={
                "data": {"values": rows},
                "mark": {"type": "bar", "tooltip": True},
                "encoding": {
                    "x": {"field": "g", "type": "nominal", "title": label, "sort": order},
                    "xOffset": {"field": "s", "type": "nominal", "sort": names},
                    "y": numbers("v", "%"),
                    **named(dict(zip(names, SERIES, strict=False))),
                },
            },
            caption=words.text("of the prompt tokens of measured requests"),
            height=HALF,
        )


def _rates(hits: PrefixHits, words: Wording) -> Iterator[tuple[str, float | None]]:
    yield words.text("theory, for certain"), _percent(hits.theory, hits.prompt)
    yield words.text("theory, at most"), _percent(hits.most, hits.prompt)
    yield words.text("the server's usage"), _percent(hits.reported, hits.reported_prompt)


def _percent(tokens: int | None, of: int) -> float | None:
    return 100 * tokens / of if tokens is not None and of else None


def _by_position(load: PerformanceResult, prefix: str, words: Wording) -> Iterator[Chart]:
    drafts = load.speculation
    if drafts is None:
        return
    rows: list[Row] = []
    for kind in (drafts.overall, *drafts.kinds):
        name = kind.value or words.text("all requests")
        rows += [
            {"p": int(place) + 1, "s": name, "v": short(100 * share)}
            for place, share in (kind.acceptance_by_position or {}).items()
            if place.isdigit()
        ]
    if not rows:
        return
    names = list(dict.fromkeys(row["s"] for row in rows))
    yield Chart(
        id=f"{prefix}-acceptance-by-position",
        title=words.text("Speculative decoding: accepted by position"),
        spec={
            "data": {"values": rows},
            "mark": {"type": "bar", "tooltip": True},
            "encoding": {
                "x": {
                    "field": "p",
                    "type": "ordinal",
                    "title": words.text("position in the draft"),
                    "axis": {"labelAngle": 0},
                },
                "xOffset": {"field": "s", "type": "nominal", "sort": names},
                "y": numbers("v", words.text("accepted, % of the drafts")),
                **named(dict(zip(names, SERIES, strict=False))),
            },
        },
        height=HALF,
    )
