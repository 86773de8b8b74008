"""The content of a file in base64, made in pieces while it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pybase64
from attrs import frozen

from aisbench.base.errors import DataError

CHUNK = 3 * 64 * 1024
"""Bytes of a file that are read at once: a multiple of three, so that only the last piece is
filled up."""


@frozen
class FileInBase64:
    """A file of ``size`` bytes; ``mime`` is its type where no content says it."""

    path: str
    size: int
    mime: str = ""

    @property
    def length(self) -> int:
        """Characters of it in base64."""
        return (self.size + 2) // 3 * 4

    def chunks(self) -> Iterator[bytes]:
        """Its pieces. Raises DataError for a file that cannot be read, or has another size."""
        left = self.size
        try:
            with Path(self.path).open("rb", buffering=0) as file:
                while left > 0 and (read := file.read(min(CHUNK, left))):
                    left -= len(read)
                    while len(read) % 3 and left > 0 and (more := file.read(min(left, 1))):
                        read, left = read + more, left - 1
                    yield pybase64.b64encode(read)
        except OSError as error:
            raise DataError(f"{self.path}: {error.strerror or error}") from error
        if left:
            raise DataError(
                f"{self.path}: was cut short while the run was using it",
                hint="leave the files of a run alone until it has ended",
            )
