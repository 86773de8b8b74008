"""A program's own functions as what a run is watched by."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TypeVar

from attrs import define

from aisbench.base.visible import visible
from aisbench.loadgen.live import LiveLoad
from aisbench.runs.interrupts import Interrupts
from aisbench.runs.progress import RunProgress, progress_of_load, progress_of_task
from aisbench.stages.loads_progress import LoadsProgress
from aisbench.stages.progress import Progress
from aisbench.store.redactor import Redactor

Value = TypeVar("Value")

OnMessage = Callable[[str], None]
"""Gets every line that the command line prints, secrets hidden."""
OnProgress = Callable[[RunProgress], None]
"""Gets how far each task or load is, every second and once when it is over."""

PERIOD_SECONDS = 1.0
WIDTH = 160


@define
class CallbackDisplay:
    """Tells a program's functions how a run goes.

    The first exception that one of them raises asks the run to stop in good order; it is kept in
    ``error``, and nothing more is told.
    """

    on_message: OnMessage | None
    on_progress: OnProgress | None
    interrupts: Interrupts
    error: BaseException | None = None
    _redactor: Redactor | None = None

    @property
    def width(self) -> int:
        """As wide as what the command line writes into files."""
        return WIDTH

    def say(self, text: str) -> None:
        """Tell a line."""
        told = visible(text if self._redactor is None else self._redactor.whole(text))
        if self.on_message is not None:
            self._call(self.on_message, told)

    @contextlib.contextmanager
    def hiding(self, redactor: Redactor) -> Iterator[None]:
        """Within it nothing that is told holds a secret."""
        self._redactor = redactor
        try:
            yield
        finally:
            self._redactor = None

    @contextlib.asynccontextmanager
    async def around_requests(self, progress: Progress) -> AsyncIterator[None]:
        """Tell how far the tasks are."""

        def now(finished: bool) -> Iterable[RunProgress]:
            return [progress_of_task(one, finished=finished) for one in progress.tasks]

        async with self._telling(now):
            yield

    @contextlib.asynccontextmanager
    async def around_load(self, live: LiveLoad, loads: LoadsProgress) -> AsyncIterator[None]:
        """Tell how the load goes."""

        def now(finished: bool) -> Iterable[RunProgress]:
            if finished:
                live.close()
            return [progress_of_load(live)]

        async with self._telling(now):
            yield

    @contextlib.asynccontextmanager
    async def _telling(self, now: Callable[[bool], Iterable[RunProgress]]) -> AsyncIterator[None]:
        task = asyncio.create_task(self._tell_on(now))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._tell(now(True))

    async def _tell_on(self, now: Callable[[bool], Iterable[RunProgress]]) -> None:
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            self._tell(now(False))

    def _tell(self, found: Iterable[RunProgress]) -> None:
        for one in found:
            if self.on_progress is not None:
                self._call(self.on_progress, one)

    def _call(self, function: Callable[[Value], None], value: Value) -> None:
        if self.error is not None:
            return
        try:
            function(value)
        except BaseException as error:  # noqa: BLE001 - raised to the program once all is whole
            self.error = error
            self.interrupts.ask()
