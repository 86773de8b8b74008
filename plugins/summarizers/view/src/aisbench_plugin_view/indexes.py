"""The indexes of all tasks, made in threads while pages are looked at."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from attrs import define, field

from aisbench import AisbenchError, AnswerFiles
from aisbench_plugin_view.index.building import IndexBuilder, stamp_of
from aisbench_plugin_view.index.query import is_there, progress

PATIENCE = 1.2
"""Seconds that a page waits for the first rows of an index."""
WHOLE = 0.3
"""Seconds that it waits for all of them."""


WORKERS = 6
"""A few large runs may be indexed for minutes: the small one that is looked at need not wait."""


class UnindexedError(AisbenchError):
    """An index that cannot be made."""


class BeingMadeError(UnindexedError):
    """An index that does not hold yet what is asked for."""

    def __init__(self) -> None:
        super().__init__("the index is being made", hint="look again in a moment")


@define
class Indexes:
    """Brings indexes up to date, some at a time, each in one thread only."""

    _pool: ThreadPoolExecutor = field(factory=lambda: ThreadPoolExecutor(WORKERS, "index"))
    _running: dict[Path, Future[None]] = field(factory=dict)
    _seen: dict[Path, str] = field(factory=dict)
    """The files' stamps when an index was last brought up to date."""
    _lock: threading.Lock = field(factory=threading.Lock)
    _closing: threading.Event = field(factory=threading.Event)

    def ready(
        self,
        files: AnswerFiles,
        path: Path,
        patience: float | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """Return when the index at ``path`` can be asked: when it is up to date, or (not where
        it must be ``whole``) has some rows and goes on growing. Raises AisbenchError."""
        work = self._work(files, path)
        begin = time.monotonic()
        limit = PATIENCE if patience is None else patience
        while work is not None and not work.done() and time.monotonic() < begin + limit:
            time.sleep(0.005)
            late = not whole and time.monotonic() > begin + WHOLE
            if late and is_there(path) and progress(path, 1)["answers"]:
                break
        if work is not None and work.done() and (error := work.exception()) is not None:
            raise UnindexedError(
                f"{path}: the index cannot be made: {error}",
                hint=f"is there room on the disk? {path.parent} can be removed at any time",
            ) from error
        if not is_there(path):
            raise BeingMadeError

    def close(self) -> None:
        """End what is running after its present step."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, files: AnswerFiles, path: Path) -> Future[None] | None:
        """What is being done for an index; None: nothing is to be done."""
        paths = (files.samples, files.answers, files.scores, files.judgements)
        stamps = "/".join(map(stamp_of, paths))
        with self._lock:
            running = self._running.get(path)
            if running is not None and not running.done():
                return running
            if self._seen.get(path) == stamps and path.exists():
                return None
            self._seen[path] = stamps
            made = self._pool.submit(self._update, files, path)
            self._running[path] = made
            return made

    def _update(self, files: AnswerFiles, path: Path) -> None:
        try:
            IndexBuilder(files, path, self._closing.is_set).update()
        except (sqlite3.Error, OSError):
            self._seen.pop(path, None)
            raise
