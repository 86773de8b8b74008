"""Rows that are made once: long prompts take time to make, and a run reads rows several times."""

from __future__ import annotations

import json
import os
import tempfile
import weakref
import zlib
from collections.abc import Callable, Sequence
from threading import Lock
from typing import IO

from aisbench.api import JsonValue, Sample, make_rows


def rows_made_once(count: int, make: Callable[[int], Sample], tokens: int) -> Sequence[Sample]:
    """As :func:`aisbench.api.make_rows`; where rows are too many for the memory, they go into a
    temporary file when they are made."""
    rows = make_rows(count, make, tokens)
    return rows if isinstance(rows, list) else make_rows(count, KeptRows(make), tokens)


class KeptRows:
    """``make``, with what it made, compressed, in a file without a name in the system's temporary
    folder, which is gone with the rows. Where that is full, rows are made again."""

    def __init__(self, make: Callable[[int], Sample]) -> None:
        self._make = make
        self._file: IO[bytes] | None = None
        self._places: dict[int, tuple[int, int]] = {}
        self._end = 0
        self._full = False
        self._lock = Lock()

    def __call__(self, number: int) -> Sample:
        """Raises what ``make`` raises."""
        if number in self._places and self._file is not None:
            at, size = self._places[number]
            return _unpacked(os.pread(self._file.fileno(), size, at))
        sample = self._make(number)
        with self._lock:
            if not self._full and number not in self._places:
                self._keep(number, _packed(sample))
        return sample

    def _keep(self, number: int, packed: bytes) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
                weakref.finalize(self, self._file.close)
            written = os.pwrite(self._file.fileno(), packed, self._end)
        except OSError:
            written = 0
        if written < len(packed):
            self._full = True
            return
        self._places[number] = (self._end, len(packed))
        self._end += len(packed)


def _packed(sample: Sample) -> bytes:
    told: JsonValue = {
        "id": sample.id,
        "part": sample.part,
        "fields": dict(sample.fields),
        "target": sample.target,
        "generation": dict(sample.generation),
    }
    return zlib.compress(json.dumps(told).encode(), 1)


def _unpacked(packed: bytes) -> Sample:
    return Sample(**json.loads(zlib.decompress(packed)))
