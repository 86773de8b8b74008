"""Contents that lie inside files: members of zip files, cells of tables.

Nothing is kept but the last few files that were opened: a content is read when it is wanted. Rows
of a Parquet file are cheap to read in their order, and a file is read from the beginning of a row
group again where they are not.
"""

from __future__ import annotations

import base64
import binascii
import functools
import os
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.base.libraries import missing, not_installed
from aisbench.media.arrow_files import ENDING, ArrowFile
from aisbench.media.values import is_data_url
from aisbench.types.media import MediaPlace

_OPEN = 8
"""Files of each kind that stay open."""
_ROWS_AT_ONCE = 16
"""Rows of a Parquet file that are in memory at a time."""
_BUFFER = 1 << 20


def read_inside(path: str, place: MediaPlace, stamp: tuple[int, int], most: float) -> bytes:
    """The content at ``place`` in a file, whose size and time of change are ``stamp``.

    Raises DataError for one that is not there, or has more than ``most`` bytes.
    """
    try:
        if place.member:
            return _member(path, place.member, stamp, most)
        if place.row is not None:
            return _table_cell(path, place, stamp)
        if place.at is not None and place.length is not None:
            return _base64_text(path, place.at, place.length)
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    raise DataError(f"{path}: it is not said where in the file the content lies")


# -- zip files


def _member(path: str, name: str, stamp: tuple[int, int], most: float) -> bytes:
    try:
        archive = _archive(path, stamp, os.getpid())
        info = archive.getinfo(name)
        if info.file_size > most:
            raise DataError(f"{path}: {name} has {info.file_size / 1e6:.1f} MB")
        return archive.read(info)
    except KeyError:
        raise DataError(
            f"{path}: has no member {name!r}", hint="names are case-sensitive, with / in them"
        ) from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise DataError(f"{path}: {name}: cannot be unpacked: {error}") from error


@functools.lru_cache(maxsize=_OPEN)
def _archive(path: str, stamp: tuple[int, int], process: int) -> zipfile.ZipFile:
    """Each process opens it for itself: what they inherit has one place that all of them move."""
    return zipfile.ZipFile(path)


def forget_open_files() -> None:
    """Let go of the files that are open, and of what was read ahead: a page of a Parquet column
    may have a hundred megabytes."""
    _archive.cache_clear()
    _column.cache_clear()


# -- Parquet and Arrow files


def _table_cell(path: str, place: MediaPlace, stamp: tuple[int, int]) -> bytes:
    column = _column(path, place.column, stamp, os.getpid())
    assert place.row is not None
    cell = column.cell(place.row)
    if place.item is not None:
        cell = cell[place.item] if isinstance(cell, list) and place.item < len(cell) else None
    if isinstance(cell, Mapping):
        cell = cell.get("bytes")
    if not isinstance(cell, bytes):
        raise DataError(
            f"{path}: row {place.row + 1} holds no bytes under {place.column!r}",
            hint="the file has changed since its rows were read",
        )
    return cell


@functools.lru_cache(maxsize=_OPEN)
def _column(path: str, name: str, stamp: tuple[int, int], process: int) -> _Column | _ArrowColumn:
    if lacking := missing(("pyarrow",)):
        raise DataError(
            f"{path}: Parquet files are read with {not_installed(lacking)}",
            hint="pip install pyarrow",
        )
    return (_ArrowColumn if path.lower().endswith(ENDING) else _Column)(path, name)


@define
class _ArrowColumn:
    """One column of an Arrow file, whose rows are at hand in any order."""

    path: str
    name: str
    _file: ArrowFile = field(init=False)

    def __attrs_post_init__(self) -> None:
        import pyarrow

        try:
            self._file = ArrowFile(self.path)
        except (pyarrow.ArrowException, OSError) as error:
            raise DataError(f"{self.path}: cannot be read: {error}") from error

    def cell(self, row: int) -> Any:
        """The value of a row, from 0. Raises DataError where there is none."""
        import pyarrow

        try:
            return self._file.cell(self.name, row)
        except (pyarrow.ArrowException, KeyError, IndexError, OSError) as error:
            raise _unreadable(self.path, self.name, row, error) from error


@define
class _Column:
    """One column of a Parquet file, read a few rows at a time."""

    path: str
    name: str
    _file: Any = field(init=False)
    _ends: list[int] = field(init=False)
    """Of each row group the number of rows up to its end."""
    _batches: Any = field(init=False, default=None)
    _batch: Any = field(init=False, default=None)
    _first: int = field(init=False, default=0)
    """Number of the batch's first row."""
    _group: int = field(init=False, default=-1)
    _lock: Any = field(init=False, factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        import pyarrow.parquet

        try:
            # Otherwise whole row groups of the column would be in memory at once.
            self._file = pyarrow.parquet.ParquetFile(
                self.path, buffer_size=_BUFFER, pre_buffer=False
            )
        except (pyarrow.ArrowException, OSError) as error:
            raise DataError(f"{self.path}: cannot be read: {error}") from error
        about, count = self._file.metadata, 0
        self._ends = []
        for group in range(about.num_row_groups):
            count += about.row_group(group).num_rows
            self._ends.append(count)

    def cell(self, row: int) -> Any:
        """The value of a row, from 0. Raises DataError where there is none."""
        import pyarrow

        try:
            with self._lock:
                self._seek(row)
                return self._batch[row - self._first].as_py()
        except (pyarrow.ArrowException, StopIteration, IndexError, OSError) as error:
            raise _unreadable(self.path, self.name, row, error) from error

    def _seek(self, row: int) -> None:
        group = next((at for at, end in enumerate(self._ends) if row < end), -1)
        if group < 0:
            raise IndexError(f"the file has {self._ends[-1] if self._ends else 0} rows")
        if self._batch is None or group != self._group or row < self._first:
            self._group = group
            self._batches = self._file.iter_batches(
                batch_size=_ROWS_AT_ONCE,
                row_groups=[group],
                columns=[self.name],
                use_threads=False,
            )
            self._first = self._ends[group - 1] if group else 0
            self._batch = next(self._batches).column(0)
        while row >= self._first + len(self._batch):
            self._first += len(self._batch)
            self._batch = next(self._batches).column(0)


def _unreadable(path: str, name: str, row: int, error: Exception) -> DataError:
    return DataError(
        f"{path}: row {row + 1} cannot be read under {name!r}: {error}",
        hint="the file is damaged, or has changed since its rows were read",
    )


# -- text files


def _base64_text(path: str, at: int, length: int) -> bytes:
    with Path(path).open("rb") as file:
        file.seek(at)
        text = file.read(length)
    try:
        return decoded(text.decode("ascii"))
    except ValueError as error:
        raise DataError(
            f"{path}: no base64 from byte {at} on: {error}",
            hint="the file is damaged, or has changed since its rows were read",
        ) from None


def decoded(text: str) -> bytes:
    """The content of base64 text, or of a ``data:`` url. Raises ValueError."""
    if is_data_url(text):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
