"""``progress.json``: how far a run is, written down by the run for whoever watches it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import attrs
import orjson
from attrs import define, field

from aisbench.base.clock import now_ns, wall_time
from aisbench.base.errors import AbortError
from aisbench.runs.result import RunResult
from aisbench.stages.loads_progress import LoadProgress, LoadsProgress, key_figures
from aisbench.stages.progress import Progress, TaskProgress
from aisbench.store.locking import at_work
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder, open_run, read_json, understanding
from aisbench.types.run_state import (
    LoadState,
    LoadTrace,
    RunStage,
    RunState,
    RunWord,
    TaskState,
)

log = logging.getLogger(__name__)

PERIOD_SECONDS = 1.0
NAME = "progress.json"
SCHEMA = 1


@define
class ProgressFile:
    """The file of one session. It costs a few hundred microseconds a second; that it cannot be
    written ends nothing."""

    run: RunFolder
    stage: RunStage = "starting"
    state: RunWord = "running"
    progress: Progress | None = None
    loads: LoadsProgress | None = None
    _began: str = field(factory=wall_time)
    _began_ns: int = field(factory=now_ns)
    _writing: Future[None] | asyncio.Future[None] | None = None
    _failed: bool = False

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Within it the session goes on; afterwards the file says how it ended."""
        if self.run.suite.exists():  # else it is no run yet
            self.write()
        try:
            yield
        except (KeyboardInterrupt, AbortError):
            self.state = "stopped"
            raise
        except BaseException:
            self.state = "failed"
            raise
        finally:
            if self.state in ("running", "stopping"):
                self.state = "done"
            if self.run.suite.exists():
                self.write()

    def ended(self, result: RunResult) -> RunResult:
        """The same result; a session that an error cut short is told from one that is done."""
        if result.failure is not None:
            self.state = "failed"
        return result

    def at(self, stage: RunStage) -> None:
        """The session has come to a stage."""
        self.stage = stage
        self.write()

    @contextlib.asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Within it all counters are looked at, and the file is written, every second."""
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._look()
            self.write()

    def write(self) -> None:
        """Write it now."""
        self._replace(dump_state(self.now()))

    def now(self) -> RunState:
        """What it would say now."""
        progress, loads = self.progress, self.loads
        state = self.state
        if state == "running" and any(
            one is not None and one.stopping for one in (progress, loads)
        ):
            state = "stopping"
        return RunState(
            state=state,
            stage="judgements" if self._judging else self.stage,
            began=self._began,
            updated=wall_time(),
            seconds=round((now_ns() - self._began_ns) / 1e9, 3),
            tasks=tuple(map(task_state, progress.all())) if progress is not None else (),
            loads=tuple(map(load_state, loads.loads)) if loads is not None else (),
        )

    @property
    def _judging(self) -> bool:
        return self.stage == "answers" and self.progress is not None and self.progress.judging

    def _look(self) -> None:
        for one in (self.progress, self.loads):
            if one is not None:
                one.look()

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._look()
            # A disk that hangs must not hold up a load: it is written beside, or not this time.
            if self._writing is None or self._writing.done():
                content = dump_state(self.now())
                self._writing = loop.run_in_executor(None, self._replace, content)
            await asyncio.sleep(PERIOD_SECONDS)

    def _replace(self, content: bytes) -> None:
        """Replace the file in one step. It need not outlive the machine: nothing is synced."""
        path = self.run.path / NAME
        temporary = path.with_name(f".{NAME}.tmp")
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except OSError as error:
            # A run that came to nothing is taken away, perhaps while this is on its way.
            if not self._failed and path.parent.exists():
                self._failed = True
                log.warning("%s: cannot be written: %s", path, error.strerror or error)


def read_progress(path: Path) -> RunState | None:
    """How far a run is; None where it was made by a version that did not write that down.

    Raises AisbenchError when there is no run at ``path``, DamageError.
    """
    run = open_run(path)
    file = run.path / NAME
    if not file.exists():
        return None
    document = read_json(file)
    with understanding(file):
        state = converter().structure(document, RunState)
    return attrs.evolve(state, alive=at_work(run))


def dump_state(state: RunState) -> bytes:
    """A state as the file has it. Fields at their default are left out."""
    document = {"schema": SCHEMA, **_document(state)}
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE, default=_document)


def _document(value: Any) -> dict[str, Any]:
    """The fields of an object; orjson sees to what is within them."""
    found = {}
    for one in attrs.fields(type(value)):
        held = getattr(value, one.name)
        default: Any = one.default
        if held != (default.factory() if hasattr(default, "factory") else default):
            found[one.name] = held
    return found


def task_state(task: TaskProgress) -> TaskState:
    """How far a task is, for others."""
    return TaskState(
        model=task.model,
        dataset=task.dataset,
        variant=task.variant,
        state=task.state,
        total=task.total,
        done=task.done,
        failed=task.failed,
        reused=task.reused,
        retried=task.retried,
        in_flight=task.in_flight,
        scored=max(task.scored, 0),
        accuracy=task.accuracy,
        rate=task.rate,
        seconds_left=task.seconds_left,
    )


def load_state(load: LoadProgress) -> LoadState:
    """How far a load is, for others."""
    live = load.live
    state = LoadState(
        model=load.model,
        dataset=load.dataset,
        load=load.label,
        state=load.state,
        figures=key_figures(load.result),
    )
    if live is None:
        counts = None if load.result is None else load.result.counts
        if counts is None:
            return state
        return attrs.evolve(
            state,
            sent=counts.total,
            done=counts.success,
            failed=counts.failed,
            cancelled=counts.cancelled,
            retried=counts.retried,
        )
    return attrs.evolve(
        state,
        phase=live.phase,
        seconds=round(live.seconds, 3),
        duration=live.duration_ns / 1e9 if live.duration_ns else None,
        wanted=live.wanted,
        sent=live.sent,
        done=live.done,
        failed=live.failed,
        cancelled=live.cancelled,
        retried=live.retried,
        in_flight=live.in_flight,
        waiting=live.waiting,
        asked_rate=live.asked_rate,
        achieved_rate=live.achieved_rate,
        tokens_rate=live.tokens_rate,
        ttft_ms=live.ttft_ms,
        itl_ms=live.itl_ms,
        lag_ms=live.lag_ms,
        seconds_left=live.seconds_left if load.state == "running" else None,
        trace=_trace(load) if load.state == "running" else LoadTrace(),
    )


def _trace(load: LoadProgress) -> LoadTrace:
    points = list(load.trace.points)
    return LoadTrace(
        **{
            one.name: [getattr(point, one.name) for point in points]
            for one in attrs.fields(LoadTrace)
        }
    )
