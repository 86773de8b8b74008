"""Points of a tuned server: the objective against the latency, and how the search went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aisbench.api import TunePoint, TuneResult, Wording
from aisbench_plugin_html.blocks import Chart
from aisbench_plugin_html.charts.parts import Row, numbers, short

COLOURS: Mapping[str, str] = {
    "held": "@right", "not held": "@wrong", "client": "@refused", "timed out": "@truncated",
    "no figure": "@unjudged", "not ready": "@unparsed", "not started": "@failed",
    "died": "@failed",
}  # fmt: skip
SHAPES: Mapping[str, str] = {
    "held": "circle", "not held": "cross", "client": "triangle-down", "timed out": "square",
    "no figure": "diamond", "not ready": "triangle-up", "not started": "triangle-left",
    "died": "triangle-right",
}  # fmt: skip

MOST_LEVEL = 40
"""Characters of all values of a variable that stand beside each other below a chart."""


def value_text(value: object) -> str:
    """A value of a variable, as a command has it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def verdict_text(verdict: str, words: Wording) -> str:
    """A verdict on a point, for the reader."""
    return {
        "held": words.text("held"),
        "not held": words.text("not held"),
        "client": words.text("the client did not keep up"),
        "timed out": words.text("timed out"),
        "no figure": words.text("no figure"),
        "not ready": words.text("the server was not ready in time"),
        "not started": words.text("the server did not start"),
        "died": words.text("the server died"),
    }.get(verdict, verdict)


def tuning_charts(result: TuneResult, number: int, words: Wording) -> Iterator[Chart]:
    """The front, and the objective by the order of the points and by each variable."""
    measured = [one for one in result.points if one.objective is not None]
    if not measured:
        return
    if any(one.against is not None for one in measured):
        yield _front(result, number, words)
    yield _order(result, number, words)
    for place, name in enumerate(result.variables):
        if len({value_text(one.values.get(name)) for one in measured}) > 1:
            yield _by_variable(result, (number, place), name, words)


def _row(result: TuneResult, point: TunePoint, words: Wording) -> Row:
    return {
        "n": point.number,
        "o": short(point.objective),
        "a": short(point.against),
        "h": verdict_text(point.verdict, words),
        **{f"{name} =": value_text(point.values.get(name)) for name in result.variables},
    }


def _marks(result: TuneResult, words: Wording) -> dict[str, object]:
    used = list(dict.fromkeys(one.verdict for one in result.points if one.objective is not None))
    names = [verdict_text(one, words) for one in used]
    kind = {"field": "h", "type": "nominal", "title": None, "sort": names}
    return {
        "color": {**kind, "scale": {"domain": names, "range": [COLOURS[one] for one in used]}},
        "shape": {**kind, "scale": {"domain": names, "range": [SHAPES[one] for one in used]}},
    }


def _points(result: TuneResult, words: Wording) -> list[Row]:
    return [_row(result, one, words) for one in result.points if one.objective is not None]


_MARK = {
    "type": "point", "filled": True, "size": 90, "opacity": 0.9, "tooltip": {"content": "data"},
}  # fmt: skip


def _front(result: TuneResult, number: int, words: Wording) -> Chart:
    x = numbers("a", result.against, zero=False)
    y = numbers("o", f"{result.objective} ({result.unit})", zero=False)
    front = [
        _row(result, one, words)
        for at in result.front
        for one in result.points
        if one.number == at
    ]
    points = [one for one in _points(result, words) if one["a"] is not None]
    best = [one for one in points if one["n"] == result.best]
    return Chart(
        id=f"tuning-{number}-front",
        title=words.text("servers.{name}: Pareto front", name=result.server),
        spec={
            "layer": [
                {
                    "data": {"values": front},
                    "mark": {"type": "line", "color": "@accent", "strokeDash": [4, 3]},
                    "encoding": {"x": x, "y": y, "order": {"field": "a"}},
                },
                {
                    "data": {"values": best},
                    "mark": {"type": "point", "size": 320, "color": "@accent", "strokeWidth": 2},
                    "encoding": {"x": x, "y": y},
                },
                {
                    "data": {"values": points},
                    "mark": _MARK,
                    "encoding": {"x": x, "y": y, **_marks(result, words)},
                },
            ]
        },
        caption=words.text(
            "a point a set of settings; on the line those that no other beats, in a ring the best"
        ),
        wide=True,
    )


def _order(result: TuneResult, number: int, words: Wording) -> Chart:
    return Chart(
        id=f"tuning-{number}-order",
        title=words.text("servers.{name}: how the search went", name=result.server),
        spec={
            "data": {"values": _points(result, words)},
            "mark": _MARK,
            "encoding": {
                "x": numbers("n", words.text("point"), zero=False, axis={"tickMinStep": 1}),
                "y": numbers("o", f"{result.objective} ({result.unit})"),
                **_marks(result, words),
            },
        },
    )


def _by_variable(result: TuneResult, place: tuple[int, int], name: str, words: Wording) -> Chart:
    values = [one.values.get(name) for one in result.points]
    plain = all(
        one is None or (isinstance(one, (int, float)) and not isinstance(one, bool))
        for one in values
    )
    order = list(dict.fromkeys(value_text(one) for one in values))
    if plain:
        order = sorted(order, key=lambda one: float("inf") if one == "—" else float(one))
    # Upright labels, which is the default, run into the title below.
    angle = 0 if sum(len(str(one)) for one in order) <= MOST_LEVEL else -45
    axis = {"labelAngle": angle}
    x = {"field": f"{name} =", "type": "ordinal", "title": name, "sort": order, "axis": axis}
    return Chart(
        id=f"tuning-{place[0]}-by-{place[1]}",
        title=words.text("servers.{name}: by {variable}", name=result.server, variable=name),
        spec={
            "data": {"values": _points(result, words)},
            "mark": _MARK,
            "encoding": {
                "x": x,
                "y": numbers("o", f"{result.objective} ({result.unit})"),
                **_marks(result, words),
            },
        },
    )
