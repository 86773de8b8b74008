"""Settings of servers that were tried: a row a point, the best one, the front, the command."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from aisbench.api import TunePoint, TuneResult
from aisbench_plugin_table.cells import MISSING
from aisbench_plugin_table.numbers import number
from aisbench_plugin_table.speaking import Say

GAP = 3
"""Columns between two cells."""
MOST_WHY = 60
"""Characters of a reason that stand in the table; the file has all."""


def tuning_table(result: TuneResult, say: Say, *, everything: bool, width: int) -> Table:
    """A row a point: what it was, its verdict, its figures. The best is marked with ``*``, those
    of the front with ``+``. Reasons stand beside them where the ``width`` allows, else in lines of
    their own."""
    heads = ["", *result.variables, say("verdict"), f"{result.objective}\n[{result.unit}]"]
    heads += [result.against, "s", say("why")]
    rows = [_row(result, point, say, everything) for point in result.points]
    if reasons_apart(result, say, everything=everything, width=width):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        left = place == len(result.variables) + 5
        table.add_column(Text(head), justify="left" if left else "right", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def reasons_apart(result: TuneResult, say: Say, *, everything: bool, width: int) -> bool:
    """Whether the table is too wide with the reasons in it."""
    if everything or not any(point.why for point in result.points):
        return False
    heads = ["", *result.variables, "", result.objective, result.against, "", ""]
    rows = [heads, *(_row(result, point, say, everything) for point in result.points)]
    return sum(max(map(cell_len, cells)) + GAP for cells in zip(*rows, strict=True)) > width


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


def reason_lines(result: TuneResult, say: Say) -> Iterator[str]:
    """The reasons that found no place in the table."""
    for point in result.points:
        if point.why:
            yield f"  {point.number}: {say(point.why)}"


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
