"""Append-only files of rows that survive a crash at any instant."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, overload

import orjson

from aisbench.base.errors import AisbenchError, DamageError, StoreError
from aisbench.store.files import failure, make_folder

log = logging.getLogger(__name__)

SYNC_SECONDS = 0.5
"""How long a row may be in the kernel alone. The death of the process loses none of it; a power
cut at most so much."""


Row = TypeVar("Row")


class Journal:
    """Appends whole rows. A row is with the kernel when :meth:`append` returns."""

    def __init__(self, path: Path) -> None:
        """Open ``path`` to append, dropping a half-written last row. Raises StoreError."""
        self.path = path
        self._error: OSError | None = None
        try:
            make_folder(path.parent)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._end = _whole_rows_end(self._fd)
            if torn := os.fstat(self._fd).st_size - self._end:
                log.info(
                    "%s: %d bytes of a row that a killed process left are dropped", path, torn
                )
                os.ftruncate(self._fd, self._end)
        except OSError as error:
            raise failure(path, error) from error
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._sync_loop, name="journal-sync", daemon=True)
        self._thread.start()

    def append(self, row: bytes) -> None:
        """Write one row (with its line end). Raises StoreError; the file keeps whole rows only."""
        if self._error is not None:
            raise failure(self.path, self._error)
        if self._closing.is_set():
            raise StoreError(f"{self.path}: is closed")
        try:
            written = 0
            while written < len(row):
                written += os.pwrite(self._fd, row[written:], self._end + written)
        except OSError as error:
            # A full disk may take half a row: what stands must stay readable.
            with contextlib.suppress(OSError):  # what cannot be cut is cut at the next opening
                os.ftruncate(self._fd, self._end)
            raise failure(self.path, error) from error
        self._end += len(row)
        self._dirty.set()

    def close(self) -> None:
        """Wait until all is on the disk. Raises StoreError if it is not."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._dirty.set()
        self._thread.join()
        os.close(self._fd)
        if self._error is not None:
            raise failure(self.path, self._error)

    def _sync_loop(self) -> None:
        while True:
            self._dirty.wait()
            self._dirty.clear()
            try:
                os.fsync(self._fd)
            except OSError as error:
                self._error = error
                return
            if self._closing.wait(SYNC_SECONDS):
                if self._dirty.is_set():
                    continue
                return


def _whole_rows_end(fd: int) -> int:
    end = os.fstat(fd).st_size
    while end > 0:
        start = max(0, end - 65536)
        block = os.pread(fd, end - start, start)
        if (newline := block.rfind(b"\n")) >= 0:
            return start + newline + 1
        end = start
    return 0


LINE_HINT = (
    "restore the file from a copy; or remove that line (and seals.json of the run): --resume asks "
    "its request again"
)


@overload
def read_rows(path: Path) -> Iterator[Any]: ...
@overload
def read_rows(
    path: Path, make: Callable[[Any], Row], *, needed: bool = False
) -> Iterator[Row]: ...
def read_rows(
    path: Path, make: Callable[[Any], Any] | None = None, *, needed: bool = False
) -> Iterator[Any]:
    """The rows of a journal, as ``make`` makes them; a half-written last one is left out.

    An absent file has no rows, unless it is ``needed``. Raises DamageError with the line of a row
    that is not JSON, or that ``make`` refuses.
    """
    for row, _, _ in placed_rows(path, make, needed=needed):
        yield row


def placed_rows(
    path: Path, make: Callable[[Any], Any] | None = None, *, needed: bool = False
) -> Iterator[tuple[Any, int, int]]:
    """:func:`read_rows`, and of each row the byte at which it begins, and its length."""
    at = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    row = orjson.loads(line)
                    if make is not None:
                        row = make(row)
                except AisbenchError:
                    raise
                except Exception as error:
                    raise DamageError(
                        f"{path}:{number}: is damaged: {_words(error)}", hint=LINE_HINT
                    ) from error
                yield row, at, len(line)
                at += len(line)
    except FileNotFoundError:
        if needed:
            raise DamageError(f"{path}: is missing", hint="restore it from a copy") from None
    except OSError as error:
        raise DamageError(f"{path}: cannot be read: {error.strerror or error}") from error


def _words(error: Exception) -> str:
    """What is wrong with a row."""
    if isinstance(error, orjson.JSONDecodeError):
        return str(error)
    if isinstance(error, KeyError):
        return f"it has no {error}"
    return f"it is not what a run writes ({type(error).__name__}: {error})"
