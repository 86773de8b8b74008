"""Settings of servers that were tried: a row a point, the best one, the front, the command."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from aisbench.api import TunePoint, TuneResult
from aisbench_plugin_table.cells import MISSING
from aisbench_plugin_table.numbers import number
from aisbench_plugin_table.speaking import Say

MOST_WHY = 60
"""Characters of a reason that stand in the table; the file has all."""


def tuning_table(result: TuneResult, say: Say, *, everything: bool) -> Table:
    """A row a point: what it was, its verdict, its figures. The best is marked with ``*``, those
    of the front with ``+``."""
    heads = ["", *result.variables, say("verdict"), f"{result.objective} [{result.unit}]"]
    heads += [result.against, "s", say("why")]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        left = place == len(heads) - 1
        table.add_column(Text(head), justify="left" if left else "right", no_wrap=True)
    for point in result.points:
        table.add_row(*map(Text, _row(result, point, say, everything)))
    return table


def _row(result: TuneResult, point: TunePoint, say: Say, everything: bool) -> list[str]:
    mark = "*" if point.number == result.best else "+" if point.number in result.front else ""
    why = say(point.why)
    if not everything and len(why) > MOST_WHY:
        why = f"{why[: MOST_WHY - 1]}…"
    return [
        f"{mark}{point.number}",
        *(_value(point, name) for name in result.variables),
        say(point.verdict),
        MISSING if point.objective is None else number(point.objective),
        MISSING if point.against is None else number(point.against),
        f"{point.seconds:.0f}",
        why,
    ]


def _value(point: TunePoint, name: str) -> str:
    value = point.values.get(name)
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def tuning_lines(result: TuneResult, *, everything: bool) -> Iterator[str]:
    """What was found, in lines."""
    best = result.best_point
    if best is None and result.measured:
        yield f"servers.{result.server}: the SLO held at no point"
    elif best is None:
        yield f"servers.{result.server}: no point could be measured"
    else:
        values = ", ".join(f"{name} = {_value(best, name)}" for name in best.values)
        assert best.objective is not None
        yield f"servers.{result.server}: best (*): {values}"
        yield f"  {result.objective} = {number(best.objective)} {result.unit}"
        yield f"  its command: {result.command}"
    if len(result.front) > 1:
        points = ", ".join(map(str, result.front))
        yield f"  no other is better in both {result.objective} and {result.against} (+): {points}"
    yield f"  ended because {result.reason}" if result.reason else "  not at its end"
    for point in result.points:
        if point.log and everything:
            yield f"  point {point.number}: the last lines of its server:"
            yield from (f"    | {line}" for line in point.log)
