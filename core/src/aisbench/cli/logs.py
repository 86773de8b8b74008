"""Logging: everything into the run's log.jsonl, warnings (or more with -v) to the terminal."""

from __future__ import annotations

import logging
from pathlib import Path

import orjson

from aisbench.clock import now_ns, wall_time
from aisbench.secrets import Redactor


class _JsonLines(logging.FileHandler):
    def __init__(self, path: Path, redactor: Redactor) -> None:
        super().__init__(path, encoding="utf-8", delay=False)
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return orjson.dumps(
            {
                "time": wall_time(),
                "clock_ns": now_ns(),
                "level": record.levelname.lower(),
                "logger": record.name,
                "message": self._redactor.clean(super().format(record)),
            }
        ).decode()


class _Terminal(logging.StreamHandler):  # type: ignore[type-arg]
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        text = self._redactor.clean(super().format(record))
        return f"{record.levelname.lower()}: {text}"


def start_logging(path: Path, redactor: Redactor, verbosity: int) -> None:
    """Send the program's log records to ``path``, and the important ones to stderr."""
    root = logging.getLogger("aisbench")
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.DEBUG)
    root.propagate = False
    root.addHandler(_JsonLines(path, redactor))
    terminal = _Terminal(redactor)
    levels = (logging.WARNING, logging.INFO, logging.DEBUG)
    terminal.setLevel(levels[min(verbosity, 2)])
    root.addHandler(terminal)
