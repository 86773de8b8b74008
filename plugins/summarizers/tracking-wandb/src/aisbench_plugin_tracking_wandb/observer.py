"""Telling Weights & Biases: its own client."""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from aisbench.api import (
    PerformanceResult,
    RunEnd,
    RunProgress,
    RunStart,
    Secret,
    SuiteResult,
    TaskResult,
    above,
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
    import wandb

log = logging.getLogger(f"aisbench.plugins.{__name__}")

LOAD, SECONDS = "load", "seconds"
"""What series are drawn over: the number of the load, the second of the session."""
FIGURES = ("model", "dataset", "load", "part", "figure", "value", "low", "high", "unit", "n")
LONGEST_TAG = 64
"""Characters of a tag that the service takes."""


@frozen
class WandbSettings:
    """Where and as what runs are tracked."""

    project: str = setting(
        default="", help="the project; empty: the suite's name", example="nightly"
    )
    entity: str = setting(
        default="", help="user or team; empty: the key's own", example="evaluation"
    )
    name: str = setting(
        default="", help="of the tracked run; empty: that of the run's folder", example="qwen-8b"
    )
    group: str = setting(default="", help="runs that belong together", example="release-3")
    tags: tuple[str, ...] = setting(default=(), help="further tags", example=["candidate"])
    mode: Literal["", "online", "offline"] = setting(
        default="",
        help="offline: into the run's folder, for `wandb sync`; empty: WANDB_MODE, or online",
    )
    files: bool = setting(default=True, help="keep the summary's files in the tracked run")
    api_key: Secret | None = setting(
        default=None,
        help="absent: what `wandb login` keeps, or WANDB_API_KEY",
        example="env:WANDB_API_KEY",
    )
    timeout: float = setting(
        default=30.0, unit="s", check=above(0), help="when the beginning of a run is given up"
    )


class WandbObserver:
    """One tracked run for each run, gone on with in its later sessions."""

    def __init__(self, settings: WandbSettings) -> None:
        self._settings = settings
        self._tracked: wandb.Run | None = None
        self._begun = time.monotonic()
        self._loads = 0

    def begin(self, start: RunStart) -> None:
        """Open the tracked run. Raises wandb's errors where the service cannot be reached."""
        import wandb

        own = self._settings
        known = kept(start.folder).get("run") or uuid.uuid4().hex[:12]
        named = [f"{name.partition('.')[2]}:{value}" for name, value in tags(start).items()]
        limits = wandb.Settings(
            silent=True,
            console="off",
            disable_git=True,
            disable_code=True,
            x_disable_stats=True,
            x_disable_meta=True,
            init_timeout=own.timeout,
            **({} if own.api_key is None else {"api_key": own.api_key.reveal()}),
        )
        self._begun = time.monotonic()
        self._tracked = wandb.init(
            project=own.project or start.name,
            entity=own.entity or None,
            name=own.name or start.path.name,
            group=own.group or None,
            id=known,
            resume="allow",
            dir=str(start.folder),
            config=dict(parameters(start)),
            tags=[one[:LONGEST_TAG] for one in (*named, *own.tags)],
            mode=own.mode or None,
            reinit="create_new",
            settings=limits,
        )
        keep(start.folder, {"run": known})
        self._tracked.summary["aisbench/session"] = start.session
        if own.files:
            self._save(start.path / "suite.toml", "")
        log.info("tracked by Weights & Biases as run %s", known)

    def progress(self, found: Sequence[RunProgress]) -> None:
        """A point of the series ``progress/...``."""
        seconds = int(time.monotonic() - self._begun)
        self._log(SECONDS, seconds, numbers_of_progress(found, seconds))

    def task(self, result: TaskResult) -> None:
        """The figures of a task."""
        self._sum_up(numbers_of_task(result))

    def load(self, result: PerformanceResult) -> None:
        """The figures of a load, and the next point of the series over loads."""
        numbers = numbers_of_load(result, self._loads)
        self._sum_up(one for one in numbers if one.step is None)
        self._log(LOAD, self._loads, [one for one in numbers if one.step is not None])
        self._loads += 1

    def summary(self, results: SuiteResult, files: Sequence[Path]) -> None:
        """What only all results together tell, the table of figures, and the files."""
        import wandb

        if self._tracked is None:
            return
        for group in results.groups:
            self._sum_up(numbers_of_group(group))
        for task in results.tasks:
            if task.load:  # with right answers a second
                self._sum_up(numbers_of_task(task))
        if rows := [row for task in results.tasks for row in _rows(task)]:
            table = wandb.Table(columns=list(FIGURES), data=rows, allow_mixed_types=True)
            self._tracked.log({"figures": table})
        if self._settings.files:
            for file in files:
                self._save(file, "summary")

    def end(self, end: RunEnd) -> None:
        """Close the tracked run, with the exit code."""
        if self._tracked is None:
            return
        self._tracked.summary["aisbench/outcome"] = end.outcome
        # An empty one, too: that of an earlier session is over.
        self._tracked.summary["aisbench/message"] = end.message
        self._tracked.finish(exit_code=end.exit_code)

    def _save(self, file: Path, below: str) -> None:
        """A copy: the client would make a link, and say so on the terminal."""
        assert self._tracked is not None
        folder = Path(self._tracked.dir)
        copy = folder / below / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        self._tracked.save(str(copy), str(folder), policy="now")

    def _sum_up(self, numbers: Iterable[TrackedNumber]) -> None:
        assert self._tracked is not None
        self._tracked.summary.update({one.name: one.value for one in numbers})

    def _log(self, over: str, place: int, numbers: Sequence[TrackedNumber]) -> None:
        assert self._tracked is not None
        for one in numbers:
            self._tracked.define_metric(one.name, step_metric=over)
        self._tracked.log({over: place, **{one.name: one.value for one in numbers}})


def _rows(task: TaskResult) -> Iterable[list[Any]]:
    for one in task.figures:
        yield [
            task.model, task.dataset, task.load, one.part, one.name, one.value, one.low, one.high,
            one.unit, one.n,
        ]  # fmt: skip
