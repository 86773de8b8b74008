"""The tables of runs as rows of one table."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, get_args

from aisbench import RunResult

TableName = Literal["scores", "groups", "samples", "loads", "requests"]
TABLES: tuple[TableName, ...] = get_args(TableName)
LARGE = ("samples", "requests")
"""Tables whose rows are never all in memory. Their columns are told by their first row: each row
of an answer has all of them, and so has each of a load."""

Row = dict[str, Any]


def rows_of(runs: Iterable[RunResult], table: TableName) -> Iterator[Row]:
    """The rows of all runs, each with its run before its own columns."""
    for run in runs:
        place = {"suite": run.name, "run": run.path.name}
        for row in run.rows(table):
            yield {**place, **row}


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of all rows, in the order in which they come up."""
    return list(dict.fromkeys(name for row in rows for name in row))


def request_columns(runs: Sequence[RunResult]) -> list[str]:
    """Those of all loads of all runs; nothing is held."""
    names: dict[str, None] = {}
    for run in runs:
        for load in run.loads:
            names.update(dict.fromkeys(run.requests(load).column_names))
    return ["suite", "run", "model", "dataset", "load", *names]


def cell(value: Any) -> Any:
    """A value as a cell of text: unknown is empty, lists are JSON."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value
