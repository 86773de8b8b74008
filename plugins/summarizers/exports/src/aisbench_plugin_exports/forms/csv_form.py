"""Tidy tables as CSV (RFC 4180): a row a figure, an answer, a load, a request."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from aisbench import AisbenchError, RunResult
from aisbench_plugin_exports.tables import (
    LARGE,
    Row,
    TableName,
    cell,
    columns_of,
    request_columns,
    rows_of,
)
from aisbench_plugin_exports.writing import text_to

Runs = Callable[[], Iterator[RunResult]]


def write_tables(runs: Runs, tables: Sequence[TableName], folder: Path) -> list[Path]:
    """``TABLE.csv`` for each table that has a row; which files. Raises AisbenchError."""
    made = []
    for table in tables:
        path = folder / f"{table}.csv"
        if write_table(runs, table, path):
            made.append(path)
        else:
            path.unlink(missing_ok=True)
    return made


def write_table(runs: Runs, table: TableName, path: Path | None) -> bool:
    """One table, into a file or the standard output; whether it has any row."""
    rows, columns = prepared(runs, table)
    if not columns:
        return False
    with text_to(path) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell(row.get(name)) for name in columns])
    return True


def prepared(runs: Runs, table: TableName) -> tuple[Iterator[Row], list[str]]:
    """The rows, and the columns that they have; none where there is no row."""
    rows = rows_of(runs(), table)
    if table not in LARGE:
        held = list(rows)
        return iter(held), columns_of(held)
    first = next(rows, None)
    if first is None:
        return iter(()), []
    columns = request_columns(list(runs())) if table == "requests" else list(first)
    return itertools.chain([first], rows), columns


def nothing(tables: Sequence[TableName]) -> AisbenchError:
    """What is told where no table has a row."""
    return AisbenchError(
        f"there is no row of {', '.join(tables)} in these runs",
        hint="accuracy runs have scores and samples, performance runs loads and requests: choose "
        "with --table; answers that are not scored yet: aisbench evaluate RUN",
    )
