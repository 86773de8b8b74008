"""Logging: everything into the run's log.jsonl, what matters to whoever started the run."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import orjson

from aisbench.base.clock import now_ns, wall_time
from aisbench.base.visible import visible
from aisbench.store.files import failure
from aisbench.store.redactor import Redactor

ROOT = "aisbench"
"""The logger above those of all modules of core and of plugins that use the api."""


class _JsonLines(logging.FileHandler):
    def __init__(self, path: Path, redactor: Redactor, show: Callable[[str], None]) -> None:
        super().__init__(path, encoding="utf-8", delay=False)
        self._redactor = redactor
        self._show = show
        self._failed = False

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written (a full disk) is told once, and ends nothing."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._failed:
            self._failed = True
            self._show(f"warning: {self.baseFilename}: cannot be written: {error.strerror}")

    def format(self, record: logging.LogRecord) -> str:
        message = self._redactor.clean(super().format(record))
        return orjson.dumps(
            {
                "time": wall_time(),
                "clock_ns": now_ns(),
                "level": record.levelname.lower(),
                "logger": record.name,
                # Lone surrogates are in no JSON.
                "message": message.encode("utf-8", "backslashreplace").decode(),
            }
        ).decode()


class _Shown(logging.Handler):
    """Shows records as lines, without the secrets of the run."""

    def __init__(self, show: Callable[[str], None], redactor: Redactor) -> None:
        super().__init__()
        self._show = show
        self._redactor = redactor

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = visible(self._redactor.clean(self.format(record)))
            self._show(f"{record.levelname.lower()}: {text}")
        except Exception:  # noqa: BLE001 - as every handler of the standard library does
            self.handleError(record)


class _Early(logging.Handler):
    """Shows what data sets have to say while they are read, and keeps all for the run's log."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__()
        self._show = show
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        if record.levelno >= logging.WARNING or record.name.startswith("aisbench.plugins."):
            self._show(f"{record.levelname.lower()}: {visible(record.getMessage())}")


class RunLog:
    """Sees to the records of core and plugins while it is entered; then all is as before.

    ``show`` gets the important ones as lines: warnings, with ``verbosity`` 1 information too,
    with 2 everything. Until :meth:`write_to` says where the run's log is, records are kept for it.
    """

    def __init__(self, show: Callable[[str], None], verbosity: int = 0) -> None:
        self._show = show
        self._verbosity = verbosity
        self._handlers: list[logging.Handler] = []
        self._before: tuple[int, bool, list[logging.Handler]] = (logging.NOTSET, True, [])

    def __enter__(self) -> RunLog:
        root = logging.getLogger(ROOT)
        self._before = (root.level, root.propagate, list(root.handlers))
        root.setLevel(logging.INFO)
        root.propagate = False
        for handler in self._before[2]:
            root.removeHandler(handler)
        self._take([_Early(self._show)])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._take([])
        root = logging.getLogger(ROOT)
        level, root.propagate, handlers = self._before
        root.setLevel(level)
        for handler in handlers:
            root.addHandler(handler)

    def write_to(self, path: Path, redactor: Redactor) -> None:
        """Write every record to ``path``, beginning with those kept so far. Raises StoreError."""
        early = [handler for handler in self._handlers if isinstance(handler, _Early)]
        try:
            file = _JsonLines(path, redactor, self._show)
        except OSError as error:
            raise failure(path, error) from error
        for handler in early:
            for record in handler.records:
                file.handle(record)
        shown = _Shown(self._show, redactor)
        levels = (logging.WARNING, logging.INFO, logging.DEBUG)
        shown.setLevel(levels[min(self._verbosity, 2)])
        self._take([file, shown])
        logging.getLogger(ROOT).setLevel(logging.DEBUG)

    def _take(self, handlers: list[logging.Handler]) -> None:
        root = logging.getLogger(ROOT)
        for handler in self._handlers:
            root.removeHandler(handler)
            with contextlib.suppress(OSError):  # what cannot be written has been told
                handler.close()
        for handler in handlers:
            root.addHandler(handler)
        self._handlers = handlers
