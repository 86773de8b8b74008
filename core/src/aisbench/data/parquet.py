"""Rows of a Parquet file, in values that JSON has.

Dates and times become ISO 8601 texts, decimals their digits, maps objects, and NaN is None (pandas
writes it for missing values). Bytes are text where they are valid UTF-8, and files where the suite
says so: the Hub stores pictures as bytes, or ``{"bytes", "path"}``
(https://huggingface.co/docs/datasets/en/about_dataset_features). Values of other types do no harm
until a prompt names them.
"""

from __future__ import annotations

import datetime
import decimal
import hashlib
import math
import mimetypes
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.base.errors import DataError
from aisbench.base.libraries import missing, not_installed
from aisbench.data.cells import unusable
from aisbench.media.kinds import mime_of
from aisbench.settings.fields import data_home

_CONTROLS = frozenset(range(32)) - {9, 10, 13}


def read_parquet(file: Path, hint: str, files: Sequence[str]) -> list[dict[str, Any]]:
    """The rows by column. ``files`` are columns that name or hold files; contents are copied out,
    and the cell becomes the path of the copy. Raises DataError, naming the file."""
    if lacking := missing(("pyarrow",)):
        raise DataError(
            f"{file}: Parquet files are read with {not_installed(lacking)}",
            hint="pip install pyarrow",
        )
    import pyarrow
    import pyarrow.parquet

    try:
        # read_table() refuses two columns of one name, in words about its own types.
        with pyarrow.parquet.ParquetFile(file) as opened:
            table = opened.read()
    except OSError as error:
        if error.errno is None:
            raise _not_parquet(file, error, hint) from error
        raise DataError(
            f"{file}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    except pyarrow.ArrowException as error:
        raise _not_parquet(file, error, hint) from error
    names = table.column_names
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{file}: two columns are called {name!r}",
                hint=hint or "give each a name of its own",
            )
    columns = [_column(file, name, table.column(name), name in files) for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _not_parquet(file: Path, error: Exception, hint: str) -> DataError:
    what = str(error).partition("\n")[0]
    return DataError(f"{file}: not a Parquet file ({what})", hint=hint or "get the file anew")


def _column(file: Path, name: str, column: Any, is_file: bool) -> list[Any]:
    import pyarrow

    kind = column.type
    if pyarrow.types.is_timestamp(kind) and kind.unit == "ns":
        # Python's datetime has no nanoseconds.
        column = column.cast(pyarrow.timestamp("us", tz=kind.tz), safe=False)
    try:
        cells: list[Any] = column.to_pylist()
        if is_file:
            return [_as_file(cell, file, name) for cell in cells]
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


def _as_file(cell: Any, file: Path, name: str) -> Any:
    """The path of a file that a cell names or holds; a list of them for a list."""
    if isinstance(cell, list):
        return [_as_file(one, file, name) for one in cell]
    if isinstance(cell, Mapping) and cell.keys() <= {"bytes", "path"}:
        content, path = cell.get("bytes"), cell.get("path")
        cell = content if content is not None else path
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bytes):
        return str(_copied(cell))
    raise DataError(
        f"{file}: the column {name!r} holds {type(cell).__name__}, and files are asked for",
        hint="a column of files holds paths, bytes, or {bytes, path}",
    )


def _copied(content: bytes) -> Path:
    """A file with this content, named by its checksum: requests name files, which are read when
    they are sent."""
    ending = mimetypes.guess_extension(mime_of(content[:16])) or ".bin"
    path = data_home() / "extracted" / f"{hashlib.sha256(content).hexdigest()}{ending}"
    try:
        if not path.is_file() or path.stat().st_size != len(content):
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f".{path.name}.part")
            half.write_bytes(content)
            half.replace(path)
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written: {error.strerror or error}",
            hint="files inside Parquet are copied there; set AISBENCH_DATA to another folder",
        ) from error
    return path
