"""The same tables as Parquet, in blocks of rows, with types that do not depend on the values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from aisbench_plugin_exports.forms.csv_form import Runs, prepared
from aisbench_plugin_exports.tables import Row, TableName
from aisbench_plugin_exports.writing import whole

BLOCK = 5_000
"""Rows in memory at once."""

_WHOLE = (
    "repeat", "turns", "prompt_tokens", "completion_tokens", "n", "samples", "repeats", "present",
    "total",
)  # fmt: skip
_NUMBERS = ("value", "mean_logprob", "ttft_ms", "e2el_ms", "stderr", "low", "high", "bound_low",
            "bound_high")  # fmt: skip


def write_tables(runs: Runs, tables: Sequence[TableName], folder: Path) -> list[Path]:
    """``TABLE.parquet`` for each table that has a row; which files. Raises AisbenchError."""
    made = []
    for table in tables:
        rows, columns = prepared(runs, table)
        if columns:
            path = folder / f"{table}.parquet"
            with whole(path) as fresh:
                _write(fresh, rows, columns)
            made.append(path)
    return made


def _write(path: Path, rows: Iterator[Row], columns: Sequence[str]) -> None:
    block = list(itertools.islice(rows, BLOCK))
    schema = pyarrow.schema([(name, _type(name, block)) for name in columns])
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while block:
            values = {
                name: pyarrow.array(
                    [_fitting(row.get(name), schema.field(name).type) for row in block],
                    schema.field(name).type,
                )
                for name in columns
            }
            writer.write_table(pyarrow.table(values, schema))
            block = list(itertools.islice(rows, BLOCK))


def _type(name: str, block: Sequence[Row]) -> pyarrow.DataType:
    """That of a column by its name, else by the first rows: a later row may hold what they do
    not, and text takes anything."""
    if name in _WHOLE:
        return pyarrow.int64()
    if name in _NUMBERS:
        return pyarrow.float64()
    kinds = {type(row.get(name)) for row in block} - {type(None)}
    if kinds == {bool}:
        return pyarrow.bool_()
    if kinds == {int}:
        return pyarrow.int64()
    if kinds and kinds <= {int, float}:
        return pyarrow.float64()
    if kinds == {list}:
        return pyarrow.list_(pyarrow.string())
    return pyarrow.string()


def _fitting(value: Any, kind: pyarrow.DataType) -> Any:
    if value is None:
        return None
    if pyarrow.types.is_string(kind):
        # Lone surrogates are in no UTF-8.
        return str(value).encode("utf-8", "backslashreplace").decode()
    if pyarrow.types.is_boolean(kind):
        return value if isinstance(value, bool) else None
    return value
