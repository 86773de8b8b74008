"""Settings of servers that were tried: the best, the front, every point with its verdict."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from aisbench.api import TuneResult, Wording, translated
from aisbench_plugin_html.blocks import Block, PageSection
from aisbench_plugin_html.charts.tuning import tuning_charts, value_text, verdict_text
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.sections import performance_tables as tables
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, folded, table


def tunings(material: Material) -> Iterator[PageSection]:
    """A section for each server that was tuned."""
    words = material.words
    for number, one in enumerate(material.results.tunings):
        yield PageSection(
            id=f"tuning-{number}",
            title=words.text("Tuning of servers.{name}", name=one.server),
            blocks=list(_blocks(one, number, words)),
            group=words.text("Performance"),
        )


def _blocks(result: TuneResult, number: int, words: Wording) -> Iterator[Block]:
    yield _best(result, words)
    yield from tuning_charts(result, number, words)
    yield _points(result, words)
    for point in result.points:
        if point.log:
            title = words.text("The last lines of the server of point {n}", n=point.number)
            yield folded(title, Markup("<pre>{}</pre>").format("\n".join(point.log)))


def _best(result: TuneResult, words: Wording) -> Markup:
    best = result.best_point
    out = Markup("")
    if best is None or best.objective is None:
        text = words.text(
            "The SLO held at no point." if result.measured else "No point could be measured."
        )
        out += Markup('<ul class="verdict"><li class="bad">{}</li></ul>').format(text)
    else:
        values = ", ".join(f"{key} = {value_text(one)}" for key, one in best.values.items())
        text = words.text(
            "Best: {values}, with {objective} = {value} {unit}",
            values=values, objective=result.objective, value=tables.number(best.objective),
            unit=result.unit,
        )  # fmt: skip
        out += Markup('<ul class="verdict"><li class="good">{}</li></ul>').format(text)
        out += Markup(
            '<p>{}</p><pre style="white-space:pre-wrap;overflow-wrap:anywhere">{}</pre>'
        ).format(words.text("The server's command:"), result.command)
    if result.reason:
        reason = translated(result.reason, words.language)
        out += Markup("<p>{}</p>").format(words.text("It ended because {reason}", reason=reason))
    return out


def _points(result: TuneResult, words: Wording) -> Markup:
    columns = [
        TableColumn(title=words.text("point"), number=True),
        *(TableColumn(title=name) for name in result.variables),
        TableColumn(title=words.text("verdict")),
        TableColumn(title=f"{result.objective} ({result.unit})", number=True),
        TableColumn(title=result.against, number=True),
        TableColumn(title=words.text("seconds"), number=True),
        TableColumn(title=words.text("why")),
    ]
    rows: list[list[Cell]] = [
        [
            TableNumber(one.number, _marked(result, one.number)),
            *(value_text(one.values.get(name)) for name in result.variables),
            verdict_text(one.verdict, words),
            _number(one.objective),
            _number(one.against),
            TableNumber(one.seconds, f"{one.seconds:.0f}"),
            translated(one.why, words.language),
        ]
        for one in result.points
    ]
    return table(columns, rows, caption=words.text("Every point"))


def _marked(result: TuneResult, number: int) -> str:
    if number == result.best:
        return f"★ {number}"
    return f"+ {number}" if number in result.front else str(number)


def _number(value: float | None) -> Cell:
    return None if value is None else TableNumber(value, tables.number(value))
