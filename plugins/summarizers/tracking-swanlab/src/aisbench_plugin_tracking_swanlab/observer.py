"""Telling SwanLab: its own client."""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from aisbench.api import (
    AisbenchError,
    PerformanceResult,
    RunEnd,
    RunProgress,
    RunStart,
    Secret,
    SuiteResult,
    TaskResult,
    setting,
)
from aisbench.tracking import (
    TrackedNumber,
    keep,
    kept,
    numbers_of_group,
    numbers_of_load,
    numbers_of_progress,
    numbers_of_task,
    parameters,
    tags,
)

if TYPE_CHECKING:
    import swanlab

log = logging.getLogger(f"aisbench.plugins.{__name__}")

STATES: dict[str, Literal["success", "crashed", "aborted"]] = {
    "complete": "success",
    "failed": "crashed",
    "aborted": "aborted",
}
REFUSED = re.compile(r"[^0-9a-zA-Z_\-+.]")
"""What no project's name may hold."""


@frozen
class SwanlabSettings:
    """Where and as what runs are tracked."""

    project: str = setting(
        default="", help="the project; empty: the suite's name", example="nightly"
    )
    workspace: str = setting(
        default="", help="user or organisation; empty: the key's own", example="evaluation"
    )
    name: str = setting(
        default="",
        help="of the experiment; empty: that of the run's folder",
        example="qwen-8b",
    )
    tags: tuple[str, ...] = setting(default=(), help="further tags", example=["candidate"])
    mode: Literal["online", "local", "offline"] = setting(
        default="online",
        help="offline: into the run's folder, for `swanlab sync`; local: for `swanlab watch`, "
        "which needs swanlab[dashboard]",
    )
    host: str = setting(
        default="",
        help="of a SwanLab of your own; empty: the public one",
        example="https://swanlab.example.com",
    )
    files: bool = setting(default=True, help="keep the summary's files in the experiment")
    api_key: Secret | None = setting(
        default=None,
        help="absent: what `swanlab login` keeps, or SWANLAB_API_KEY",
        example="env:SWANLAB_API_KEY",
    )


class SwanlabObserver:
    """One experiment for each run, gone on with in its later sessions."""

    def __init__(self, settings: SwanlabSettings) -> None:
        self._settings = settings
        self._tracked: swanlab.Run | None = None
        self._begun = time.monotonic()
        self._loads = 0

    def begin(self, start: RunStart) -> None:
        """Open the experiment. Raises AisbenchError where the process has one open already."""
        import swanlab

        _silence()
        if swanlab.has_run():
            raise AisbenchError(
                "an experiment of SwanLab is open in this process, and it can have but one",
                hint="finish it first: swanlab.finish()",
            )
        own = self._settings
        known = kept(start.folder).get("run") or uuid.uuid4().hex[:20]
        named = [f"{name.partition('.')[2]}:{value}" for name, value in tags(start).items()]
        # Nothing of the terminal, of the host or of the code is kept.
        given = {
            "interactive": False,
            "terminal": {"proxy_type": "none"},
            "probe": dict.fromkeys(
                ("hardware", "runtime", "requirements", "conda", "git", "monitor"), False
            ),
        }
        if own.host:
            given |= {"api_host": own.host, "web_host": own.host}
        if own.api_key is not None:
            given["api_key"] = own.api_key.reveal() or ""
        self._begun = time.monotonic()
        self._tracked = swanlab.init(
            project=REFUSED.sub("-", own.project or start.name),
            workspace=own.workspace or None,
            name=own.name or start.path.name,
            tags=[*named, *own.tags],
            mode=own.mode,
            log_dir=str(start.folder / "swanlog"),
            id=known,
            resume="allow",
            config=dict(parameters(start)),
            settings=swanlab.Settings(**given),
        )
        keep(start.folder, {"run": known})
        if own.files:
            self._save(start.path / "suite.toml", "")
        log.info("tracked by SwanLab as experiment %s", known)

    def progress(self, found: Sequence[RunProgress]) -> None:
        """A point of the series ``progress/...``, at the second of the session."""
        self._log(numbers_of_progress(found, int(time.monotonic() - self._begun)))

    def task(self, result: TaskResult) -> None:
        """The figures of a task."""
        self._log(numbers_of_task(result))

    def load(self, result: PerformanceResult) -> None:
        """The figures of a load, and the next point of the series over loads."""
        self._log(numbers_of_load(result, self._loads))
        self._loads += 1

    def summary(self, results: SuiteResult, files: Sequence[Path]) -> None:
        """What only all results together tell, and the files."""
        for group in results.groups:
            self._log(numbers_of_group(group))
        for task in results.tasks:
            if task.load:  # with right answers a second
                self._log(numbers_of_task(task))
        if self._settings.files:
            for file in files:
                self._save(file, "summary")

    def end(self, end: RunEnd) -> None:
        """Close the experiment."""
        if self._tracked is not None:
            state = STATES[end.outcome]
            self._tracked.finish(state, end.message or end.outcome if state == "crashed" else None)

    def _log(self, numbers: Iterable[TrackedNumber]) -> None:
        assert self._tracked is not None
        steps: dict[int, dict[str, float]] = {}
        for one in numbers:
            steps.setdefault(one.step or 0, {})[one.name] = one.value
        for step, values in steps.items():
            self._tracked.log(values, step=step)

    def _save(self, file: Path, below: str) -> None:
        """A copy: the client would make a link, and say so on the terminal."""
        assert self._tracked is not None
        folder = Path(self._tracked.dir) / "files"
        copy = folder / below / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        self._tracked.save(copy, folder, "end")


def _silence() -> None:
    """The terminal is the run's, and SwanLab's client (0.10) has no setting against its prints:
    its console is told to be quiet, where it is still there."""
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module("swanlab.sdk.internal.pkg.console").c.quiet = True
