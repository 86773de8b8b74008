"""The observers of a session: what they are told, and what becomes of their failures."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from aisbench.config.effective import resolved_tables
from aisbench.config.plan import Plan, PlannedObserver
from aisbench.contract.observers import (
    ObservedStage,
    ObservedTask,
    Observer,
    ProgressObserver,
    RunEnd,
    RunStart,
)
from aisbench.runs.observer_thread import BEGIN, Call, ObserverThread
from aisbench.runs.signals import OBSERVER
from aisbench.store.environment import replace_notes
from aisbench.store.redactor import Redactor
from aisbench.store.run import RunFolder, read_json
from aisbench.types.performance import PerformanceResult
from aisbench.types.results import SuiteResult, TaskResult
from aisbench.types.run_progress import RunProgress

log = logging.getLogger(__name__)

NOTE = "observer "
"""How labels of notes on observers begin."""
PERIOD_SECONDS = 1.0
IDLE_SECONDS = 5.0
"""How long a load waits for calls that are being made when it is to begin."""


@frozen
class _Watcher:
    """An observer of the plan, at work."""

    planned: PlannedObserver
    thread: ObserverThread

    @property
    def hears_progress(self) -> bool:
        """Whether it is told how far the run is at all."""
        wanted = self.planned.common.progress != "never"
        return wanted and isinstance(self.thread.observer, ProgressObserver)

    @property
    def hears_loads(self) -> bool:
        """Whether it is told that of loads, too."""
        return self.hears_progress and self.planned.common.progress == "always"


@define
class Observers:
    """All observers of one session. None of the methods raises what an observer does."""

    plan: Plan
    run: RunFolder
    redactor: Redactor
    _watchers: list[_Watcher] = field(factory=list)
    _told: set[str] = field(factory=set)
    _too_long: set[tuple[str, int]] = field(factory=set)
    """Calls for which a load waited in vain: no other does."""

    def begin(self, session: int, stages: Sequence[ObservedStage]) -> None:
        """Start them, and tell that a session begins. Raises StoreError."""
        if self.plan.observers:
            replace_notes(self.run, NOTE, {})
        for one in self.plan.observers:
            folder = self.run.path / "observers" / one.label
            folder.mkdir(parents=True, exist_ok=True)
            watcher = _Watcher(one, ObserverThread(one.component.instance))
            start = self._start(session, tuple(stages), folder)
            watcher.thread.tell(BEGIN, lambda it, start=start: it.begin(start))  # type: ignore[misc]
            watcher.thread.start(f"{OBSERVER}{one.label}")
            self._watchers.append(watcher)

    def task(self, result: TaskResult) -> None:
        """The scores of a task are known."""
        self._tell("task", lambda it: it.task(result))

    def load(self, result: PerformanceResult) -> None:
        """A load was measured."""
        self._tell("load", lambda it: it.load(result))

    def summary(self, results: SuiteResult) -> None:
        """All results are shown."""
        folder = self.run.summary
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        self._tell("summary", lambda it: it.summary(results, files))

    def end(self, end: RunEnd, say: Callable[[str], None]) -> None:
        """It is over: wait for them, each as long as it may take. ``say`` gets a line where that
        takes a while."""
        self._tell("end", lambda it: it.end(end))
        begun = time.monotonic()
        for one in self._watchers:
            one.thread.finish()
        for one in self._watchers:
            until = begun + one.planned.common.patience
            try:
                if not one.thread.ended_soon():
                    say(f"waiting for the observer {one.planned.label} (Ctrl-C: no longer)")
                one.thread.wait(until)
            except KeyboardInterrupt:
                one.thread.wait(0.0)

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Within it none of them is called: a load is not disturbed."""
        for one in self._watchers:
            one.thread.hold()
        until = time.monotonic() + IDLE_SECONDS
        while time.monotonic() < until and self._calls_under_way() - self._too_long:
            time.sleep(0.01)
        self._too_long = self._calls_under_way()
        try:
            yield
        finally:
            for one in self._watchers:
                one.thread.release()

    @contextlib.asynccontextmanager
    async def following(
        self, now: Callable[[], Sequence[RunProgress]], *, load: bool
    ) -> AsyncIterator[None]:
        """Within it those that want it hear every second how far the tasks are, or the load."""
        hearing = [
            one for one in self._watchers if (one.hears_loads if load else one.hears_progress)
        ]
        for one in hearing:
            one.thread.release()  # the workers of a load are there by now
        ticking = asyncio.create_task(self._tick(hearing, now)) if hearing else None
        try:
            yield
        finally:
            if ticking is not None:
                ticking.cancel()
                await asyncio.gather(ticking, return_exceptions=True)

    async def _tick(
        self, hearing: Sequence[_Watcher], now: Callable[[], Sequence[RunProgress]]
    ) -> None:
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            call = _progress_call(tuple(now()))
            for one in hearing:
                one.thread.tell_progress(call)
            self.tell_failures()

    def _calls_under_way(self) -> set[tuple[str, int]]:
        """Labels, and numbers of calls."""
        found = ((one.planned.label, one.thread.under_way) for one in self._watchers)
        return {(label, call) for label, call in found if call}

    def tell_failures(self) -> None:
        """Say, once each, what failed so far."""
        for sentence in self.sentences().values():
            if sentence not in self._told:
                self._told.add(sentence)
                log.warning("%s", sentence)

    def sentences(self) -> dict[str, str]:
        """What failed, by the labels of notes."""
        found: dict[str, str] = {}
        for one in self._watchers:
            owner = f"observer {one.planned.label} ({one.planned.component.owner})"
            for number, sentence in enumerate(list(one.thread.failures), 1):
                label = f"{NOTE}{one.planned.label} {number}"
                found[label] = self.redactor.clean(f"{owner} {sentence}")
        return found

    def note_failures(self) -> tuple[str, ...]:
        """Keep in the run what failed, for readers of its figures; the sentences. Raises
        StoreError."""
        self.tell_failures()
        notes = self.sentences()
        if self._watchers:
            replace_notes(self.run, NOTE, notes)
        return tuple(notes.values())

    def _tell(self, what: str, call: Call) -> None:
        for one in self._watchers:
            one.thread.tell(what, call)

    def _start(self, session: int, stages: tuple[ObservedStage, ...], folder: Path) -> RunStart:
        section = self.plan.suite.suite
        return RunStart(
            path=self.run.path,
            folder=folder,
            name=section.name,
            mode=section.mode,
            session=session,
            stages=stages,
            suite=_clean(resolved_tables(self.plan), self.redactor),
            environment=_clean(read_json(self.run.environment), self.redactor),
            tasks=tuple(_observed_tasks(self.plan, self.redactor)),
        )


def _progress_call(found: Sequence[RunProgress]) -> Call:
    def call(observer: Observer) -> None:
        if isinstance(observer, ProgressObserver):
            observer.progress(found)

    return call


def _observed_tasks(plan: Plan, redactor: Redactor) -> Iterator[ObservedTask]:
    for one in plan.tasks:
        loads = plan.loads.get(one.model.name)
        yield ObservedTask(
            model=one.model.name,
            dataset=one.dataset.name,
            backend=one.model.offer.name,
            variant=one.variant_name,
            repeats=one.dataset.common.repeats,
            loads=() if loads is None else tuple(point.label for point in loads.points),
            generation=_clean(dict(one.generation), redactor),
        )


def _clean(value: Any, redactor: Redactor) -> Any:
    """Plain data without the secrets of the run."""
    if isinstance(value, Mapping):
        return {str(key): _clean(one, redactor) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(one, redactor) for one in value]
    return redactor.clean(value) if isinstance(value, str) else value
