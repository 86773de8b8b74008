"""Logging: everything into the run's log.jsonl, warnings (or more with -v) to the terminal."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import orjson

from aisbench.base.clock import now_ns, wall_time
from aisbench.base.visible import visible
from aisbench.store.files import failure
from aisbench.store.redactor import Redactor


class _JsonLines(logging.FileHandler):
    def __init__(self, path: Path, redactor: Redactor) -> None:
        super().__init__(path, encoding="utf-8", delay=False)
        self._redactor = redactor
        self._failed = False

    def handleError(self, record: logging.LogRecord) -> None:
        """A log that cannot be written (a full disk) is told once, and ends nothing."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._failed:
            self._failed = True
            print(
                f"warning: {self.baseFilename}: cannot be written: {error.strerror}",
                file=sys.stderr,
            )

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


class _Terminal(logging.StreamHandler):  # type: ignore[type-arg]
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        text = visible(self._redactor.clean(super().format(record)))
        return f"{record.levelname.lower()}: {text}"


class _Early(logging.Handler):
    """Shows what data sets have to say while they are read, and keeps it for the run's log."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        if record.levelno >= logging.WARNING or record.name.startswith("aisbench.plugins."):
            print(f"{record.levelname.lower()}: {visible(record.getMessage())}", file=sys.stderr)


def start_early_logging() -> None:
    """Before there is a run directory: show what matters, keep all for :func:`start_logging`."""
    root = logging.getLogger("aisbench")
    root.setLevel(logging.INFO)
    root.propagate = False
    root.addHandler(_Early())


def start_logging(path: Path, redactor: Redactor, verbosity: int) -> None:
    """Send the program's log records to ``path``, and the important ones to stderr."""
    root = logging.getLogger("aisbench")
    early: list[logging.LogRecord] = []
    for handler in list(root.handlers):
        if isinstance(handler, _Early):
            early += handler.records
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.DEBUG)
    root.propagate = False
    try:
        file = _JsonLines(path, redactor)
    except OSError as error:
        raise failure(path, error) from error
    root.addHandler(file)
    for record in early:
        file.handle(record)
    terminal = _Terminal(redactor)
    levels = (logging.WARNING, logging.INFO, logging.DEBUG)
    terminal.setLevel(levels[min(verbosity, 2)])
    root.addHandler(terminal)
