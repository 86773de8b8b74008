"""What one worker records: rows of integers, kept in memory for a moment and then in files."""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from aisbench.base.errors import StoreError
from aisbench.store.recording.columns import FIELDS

FLUSH_BYTES = 1 << 20
"""Of events in memory: more are written at once."""


class RecordingWriter:
    """Appends to ``requests-N.bin``, ``events-N.bin``, ``failures-N.jsonl`` and so on.

    Events and labels are written before the rows that point to them, so that a row never promises
    more than is there. What is lost when the process is killed is what came after the last flush.
    """

    def __init__(self, folder: Path, worker: int) -> None:
        """Raises StoreError."""
        self._rows = array("q")
        self._events = array("q")
        self._failures: list[bytes] = []
        self._answers: list[bytes] = []
        self._texts: list[bytes] = []
        self._labels: list[bytes] = []
        self.count = 0
        """Rows so far."""
        self.failed = self.answered = 0
        """Failures and answers so far."""
        self._folder = folder
        self._worker = worker
        self._files: dict[str, int] = {}

    def add(self, row: Sequence[int], reads: array[int]) -> None:
        """Add an attempt that ended: its row, as wide as FIELDS, and its reads."""
        assert len(row) == len(FIELDS)
        self._events.extend(reads)
        self._rows.extend(row)
        self.count += 1

    def add_failure(self, row: int, failure: dict[str, Any]) -> None:
        """The words of a failure; ``row`` is the attempt's number in this worker's file."""
        self.failed += 1
        self._failures.append(
            orjson.dumps({"row": row, **failure}, option=orjson.OPT_APPEND_NEWLINE)
        )

    def add_answer(self, line: bytes) -> None:
        """A line of the predictions' journal."""
        self.answered += 1
        self._answers.append(line)

    def add_texts(self, line: bytes) -> None:
        """What the tokenizer is to count."""
        self._texts.append(line)

    def add_labels(self, line: bytes) -> None:
        """The next set of labels: rows point to it by the number of its line, from 0."""
        self._labels.append(line)

    @property
    def full(self) -> bool:
        """Whether memory asks for a flush."""
        return len(self._events) * 8 > FLUSH_BYTES

    def flush(self) -> None:
        """Hand everything to the kernel. Raises StoreError."""
        self._write("events", "bin", self._events)
        self._write("failures", "jsonl", b"".join(self._failures))
        self._write("answers", "jsonl", b"".join(self._answers))
        self._write("texts", "jsonl", b"".join(self._texts))
        self._write("labels", "jsonl", b"".join(self._labels))
        self._write("requests", "bin", self._rows)
        self._events, self._rows = array("q"), array("q")
        self._failures, self._answers, self._texts, self._labels = [], [], [], []

    def close(self) -> None:
        """Flush, and wait until the disk has it. Raises StoreError."""
        self.flush()
        for fd in self._files.values():
            os.fsync(fd)
            os.close(fd)
        self._files.clear()

    def _write(self, name: str, suffix: str, data: array[int] | bytes) -> None:
        if not data:
            return
        path = self._folder / f"{name}-{self._worker}.{suffix}"
        try:
            fd = self._files.get(name)
            if fd is None:
                fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
                self._files[name] = fd
            left = memoryview(data).cast("B")
            while left:
                left = left[os.write(fd, left) :]
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be written: {error.strerror or error}",
                hint="what was written before is intact: aisbench report shows it",
            ) from error
