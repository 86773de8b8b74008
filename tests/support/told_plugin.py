"""A plugin file for tests: observers that write down what they are told, fail, and hang."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import frozen

from aisbench.api import (
    ObserverOffer,
    PerformanceResult,
    RunEnd,
    RunProgress,
    RunStart,
    Secret,
    SuiteResult,
    TaskResult,
    hookimpl,
    setting,
)

AISBENCH_API = "1.2"


@hookimpl
def aisbench_observers() -> Iterable[ObserverOffer]:
    return [
        ObserverOffer(
            name="told",
            summary="Writes down what it is told, and misbehaves where it is set to.",
            target="told_plugin:ToldObserver",
            settings="told_plugin:ToldSettings",
        )
    ]


@frozen
class ToldSettings:
    """When it misbehaves."""

    fails: tuple[str, ...] = setting(default=(), help="calls that fail", example=["task"])
    hangs: str = setting(default="", help="a call that never ends", example="task")
    token: Secret | None = setting(default=None, help="a secret", example="env:TOLD")


class ToldObserver:
    """A line for each call."""

    def __init__(self, settings: ToldSettings) -> None:
        self._settings = settings
        self._path = Path("told.jsonl")

    def begin(self, start: RunStart) -> None:
        self._path = start.folder / "told.jsonl"
        self._write(
            "begin",
            session=start.session,
            stages=start.stages,
            suite=start.suite,
            plugins=start.environment["plugins"],
            tasks=[[one.model, one.dataset, one.backend, one.loads] for one in start.tasks],
            thread=threading.current_thread() is threading.main_thread(),
        )

    def progress(self, found: Sequence[RunProgress]) -> None:
        self._write("progress", found=[[one.label, one.done, one.total] for one in found])

    def task(self, result: TaskResult) -> None:
        self._write("task", label=[result.model, result.dataset, result.load])

    def load(self, result: PerformanceResult) -> None:
        self._write("load", load=result.load, complete=result.complete)

    def summary(self, results: SuiteResult, files: Sequence[Path]) -> None:
        self._write("summary", files=[one.name for one in files], tasks=len(results.tasks))

    def end(self, end: RunEnd) -> None:
        self._write("end", outcome=end.outcome, code=end.exit_code, message=end.message)

    def _write(self, what: str, **facts: object) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, "at": time.monotonic(), **facts}) + "\n")
        if what in self._settings.fails:
            if what == "end":
                sys.exit(7)
            raise RuntimeError(f"no {what} today")
        if what == self._settings.hangs:
            time.sleep(3600)
