"""Rows of a Parquet or Arrow file, in values that JSON has.

Dates and times become ISO 8601 texts, decimals their digits, maps objects, and NaN is None (pandas
writes it for missing values). Bytes are text where they are valid UTF-8. Pictures, sounds and
films stay in the file, and the cell says where: :mod:`aisbench.data.parquet_media`. Values of
other types do no harm until a prompt names them.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import math
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.base.errors import DataError
from aisbench.base.libraries import missing, not_installed
from aisbench.data.cells import unusable
from aisbench.data.parquet_media import MediaColumns
from aisbench.media.arrow_files import ENDING, ArrowFile

_CONTROLS = frozenset(range(32)) - {9, 10, 13}


def read_parquet(file: Path, hint: str, files: Sequence[str]) -> list[dict[str, Any]]:
    """The rows by column. ``files`` are columns that name or hold files: of contents the cell says
    where in the file they are. Raises DataError, naming the file."""
    if lacking := missing(("pyarrow",)):
        raise DataError(
            f"{file}: {_form(file)} files are read with {not_installed(lacking)}",
            hint="pip install pyarrow",
        )
    import pyarrow

    try:
        media = MediaColumns(file)
        with contextlib.closing(media), contextlib.closing(_opened(file)) as opened:
            names = opened.schema_arrow.names
            _check_names(file, names, hint)
            held = media.found(tuple(files))
            cells = {name: media.cells(name, kind) for name, kind in held.items()}
            # read_table() refuses two columns of one name, in words about its own types.
            table = opened.read([name for name in names if name not in held] if held else None)
    except OSError as error:
        if error.errno is None:
            raise _not_parquet(file, error, hint) from error
        raise DataError(
            f"{file}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    except pyarrow.ArrowException as error:
        raise _not_parquet(file, error, hint) from error
    columns = [
        cells[name] if name in cells else _column(file, name, table.column(name)) for name in names
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _check_names(file: Path, names: Sequence[str], hint: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{file}: two columns are called {name!r}",
                hint=hint or "give each a name of its own",
            )


def _not_parquet(file: Path, error: Exception, hint: str) -> DataError:
    what = str(error).partition("\n")[0]
    return DataError(
        f"{file}: damaged, or not a file in {_form(file)}'s format ({what})",
        hint=hint or "get the file anew",
    )


def _form(file: Path) -> str:
    return "Arrow" if file.suffix.lower() == ENDING else "Parquet"


def _opened(file: Path) -> Any:
    if file.suffix.lower() == ENDING:
        return ArrowFile(file)
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(file)


def _column(file: Path, name: str, column: Any) -> list[Any]:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_timestamp(kind) and kind.unit == "ns":
        # Python's datetime has no nanoseconds.
        column = column.cast(pyarrow.timestamp("us", tz=kind.tz), safe=False)
    try:
        cells: list[Any] = column.to_pylist()
        if pyarrow.types.is_string(kind) or pyarrow.types.is_integer(kind):
            return cells
        return _as_texts(cells) or [_plain(cell) for cell in cells]
    except (_NoJson, ValueError, pyarrow.ArrowException) as error:
        what = str(error).partition("\n")[0] if isinstance(error, _NoJson) else f"{kind} ({error})"
        why = (
            f"{file}: the column {name!r} holds {what}, which no prompt can show; where it holds "
            "pictures, sounds or films, name it as a column of files"
        )
        return [unusable(why)] * len(column)


class _NoJson(Exception):
    """A value that JSON cannot hold."""


def _as_texts(cells: list[Any]) -> list[Any] | None:
    """Cells of bytes as texts, if all of them are."""
    if all(cell is None or _is_text(cell) for cell in cells):
        return [None if cell is None else cell.decode("utf-8") for cell in cells]
    return None


def _is_text(cell: Any) -> bool:
    if not isinstance(cell, bytes):
        return False
    try:
        cell.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.intersection(cell)


def _plain(cell: Any) -> Any:
    if cell is None or isinstance(cell, (str, bool, int)):
        return cell
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, Mapping):
        return {str(key): _plain(item) for key, item in cell.items()}
    if isinstance(cell, (list, tuple)) and not hasattr(cell, "_fields"):
        items = list(cell)
        if items and all(isinstance(one, tuple) and len(one) == 2 for one in items):
            return {str(_plain(key)): _plain(item) for key, item in items}  # a map
        return [_plain(one) for one in items]
    return _plain_object(cell)


def _plain_object(cell: Any) -> str | float:
    """Values of Python's classes for numbers, times and ids."""
    if isinstance(cell, decimal.Decimal):
        return format(cell, "f")
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    if isinstance(cell, datetime.timedelta):
        return cell.total_seconds()
    if isinstance(cell, uuid.UUID):
        return str(cell)
    raise _NoJson("bytes" if isinstance(cell, bytes) else f"values of type {type(cell).__name__}")


def _number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)
