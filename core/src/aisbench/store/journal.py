"""Append-only files of rows that survive a crash at any instant."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from aisbench.errors import StoreError

SYNC_SECONDS = 0.5
"""How long a row may be in the kernel alone. The death of the process loses none of it; a power
cut at most so much."""


class Journal:
    """Appends whole rows. A row is with the kernel when :meth:`append` returns."""

    def __init__(self, path: Path) -> None:
        """Open ``path`` to append, dropping a half-written last row. Raises StoreError."""
        self.path = path
        self._error: OSError | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._end = _whole_rows_end(self._fd)
            os.ftruncate(self._fd, self._end)
        except OSError as error:
            raise _failure(path, error) from error
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._sync_loop, name="journal-sync", daemon=True)
        self._thread.start()

    def append(self, row: bytes) -> None:
        """Write one row (with its line end). Raises StoreError; the file keeps whole rows only."""
        if self._error is not None:
            raise _failure(self.path, self._error)
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
            raise _failure(self.path, error) from error
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
            raise _failure(self.path, self._error)

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


def _failure(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path}: cannot be written: {error.strerror or error}",
        hint="rows written before are intact; free space or permissions, then --resume",
    )


def read_rows(path: Path) -> Iterator[Any]:
    """The rows of a journal; a half-written last one is left out. Raises StoreError.

    An absent file has no rows.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise StoreError(
                        f"{path}:{number}: is damaged: {error}",
                        hint="remove that line; its request will be asked again by --resume",
                    ) from error
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from error


def write_atomically(path: Path, content: bytes) -> None:
    """Replace ``path`` in one step, durably. Raises StoreError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _failure(path, error) from error
