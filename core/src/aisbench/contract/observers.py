"""What is told how a run goes, from its beginning to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from attrs import field, frozen

from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.performance import PerformanceResult
from aisbench.types.results import SuiteResult, TaskResult
from aisbench.types.run_progress import RunProgress

ObservedStage = Literal["answers", "judgements", "scores"]
Outcome = Literal["complete", "failed", "aborted"]


@frozen(kw_only=True)
class ObservedTask:
    """A task of the plan: a model and a data set, with how the one is put to the other."""

    model: str
    dataset: str
    backend: str
    """The name of the backend's offer."""
    variant: str
    repeats: int
    loads: tuple[str, ...] = ()
    """Labels of its loads, as far as they are known before they run; empty in an accuracy run."""
    generation: Mapping[str, JsonValue] = field(factory=dict)
    """Sampling settings in effect."""


@frozen(kw_only=True)
class RunStart:
    """What begins. No text in it holds a secret of the run.

    ``session`` counts the processes that worked on the run, from 1: a later one goes on with
    what ``folder`` keeps. ``stages`` are what is to be done: ("scores",) where stored answers are
    scored again, which is no session of its own.
    """

    path: Path
    """The run's directory."""
    folder: Path
    """A folder in it for the observer's own files, such as the id of a tracked run. It is there,
    and keeps what earlier sessions wrote into it."""
    name: str
    """Of the suite."""
    mode: Literal["accuracy", "performance", "both"]
    session: int
    stages: tuple[ObservedStage, ...]
    suite: JsonObject
    """The suite as it was understood, with every default; secrets are references
    (``"env:NAME"``)."""
    environment: JsonObject
    """What ``environment.json`` holds: versions, checksums of data, host, sessions."""
    tasks: tuple[ObservedTask, ...]


@frozen(kw_only=True)
class RunEnd:
    """How it ended.

    ``outcome`` is "complete" with the exit code 0, "failed" where more samples failed than the
    suite allows or an error ended it, "aborted" where it was stopped: by the user, or by
    ``suite.abort_after``. ``message`` is that error's, "" without one. ``missing`` says whether
    the suite asks for more than is there, as after an early stop.
    """

    outcome: Outcome
    exit_code: int
    message: str = ""
    missing: bool = False


class Observer(Protocol):
    """Is told of a run, in a thread of its own, one call after the other.

    What a call raises is told to the user under the observer's name, and the run goes on; after a
    failure of ``begin`` nothing more is told. Calls wait in a queue, so none delays the run; at
    the end it waits for them as long as the observer's ``patience`` says. While a load runs no
    call is made, unless the suite asks for progress there.

    The constructor gets the settings. It must open and send nothing: it is also called for
    ``aisbench validate`` and for dry runs.
    """

    def begin(self, start: RunStart) -> None:
        """A session begins."""

    def task(self, result: TaskResult) -> None:
        """The scores of a model on a data set are known; under a load where ``result.load`` names
        one."""

    def load(self, result: PerformanceResult) -> None:
        """A load was run and measured."""

    def summary(self, results: SuiteResult, files: Sequence[Path]) -> None:
        """All results, and the files in the run's ``summary`` folder. Not told where a session
        ends before there are any."""

    def end(self, end: RunEnd) -> None:
        """The session is over: send what is left, and close what is open."""


@runtime_checkable
class ProgressObserver(Protocol):
    """An observer that wants to hear how far the run is."""

    def progress(self, found: Sequence[RunProgress]) -> None:
        """How far each task or load is, about once a second; one that is late is left out. It
        gets what ``on_progress`` of ``aisbench.run`` gets."""
