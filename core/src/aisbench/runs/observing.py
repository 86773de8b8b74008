"""The work of a session beside its observers: what is shown is also told, and so is its end."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
from attrs import frozen

from aisbench.base.errors import AbortError, AisbenchError, ExitCode
from aisbench.contract.observers import RunEnd
from aisbench.loadgen.live import LiveLoad
from aisbench.runs.display import RunDisplay
from aisbench.runs.observers import Observers
from aisbench.runs.progress import progress_of_load, progress_of_task
from aisbench.runs.result import RunResult
from aisbench.runs.session import Session
from aisbench.stages.progress import Progress
from aisbench.store.redactor import Redactor


@frozen
class ObservedDisplay:
    """A display, and the observers that hear how far the run is."""

    display: RunDisplay
    observers: Observers

    @property
    def width(self) -> int:
        """That of the display."""
        return self.display.width

    def say(self, text: str) -> None:
        """Show a line."""
        self.display.say(text)

    def hiding(self, redactor: Redactor) -> contextlib.AbstractContextManager[None]:
        """As the display does."""
        return self.display.hiding(redactor)

    @contextlib.asynccontextmanager
    async def around_requests(self, progress: Progress) -> AsyncIterator[None]:
        """Show and tell how far the tasks are."""
        async with (
            self.display.around_requests(progress),
            self.observers.following(
                lambda: [progress_of_task(one) for one in progress.tasks], load=False
            ),
        ):
            yield

    @contextlib.asynccontextmanager
    async def around_load(self, live: LiveLoad, *others: Any) -> AsyncIterator[None]:
        """Show and tell how the load goes."""
        async with (
            self.display.around_load(live, *others),
            self.observers.following(lambda: [progress_of_load(live)], load=True),
        ):
            yield


def observed(session: Session, work: Callable[[Session], RunResult]) -> RunResult:
    """Do the work of a session, and tell its observers of it. Raises what the work raises."""
    observers = session.observers
    if session.plan.observers:
        display = ObservedDisplay(session.host.display, observers)
        session.host = attrs.evolve(session.host, display=display)
    return told_end(observers, session.say, lambda: work(session))


def told_end(
    observers: Observers, say: Callable[[str], None], work: Callable[[], RunResult]
) -> RunResult:
    """Do the work, and tell the observers how it ended; the result has their failures among its
    warnings. Raises what the work raises."""
    try:
        result = work()
    except BaseException as error:
        observers.end(end_of_error(error), say)
        # What ended the run is raised, whatever becomes of a note.
        with contextlib.suppress(AisbenchError, OSError):
            observers.note_failures()
        raise
    observers.end(end_of_result(result), say)
    new = [one for one in observers.note_failures() if one not in result.warnings]
    return attrs.evolve(result, warnings=(*result.warnings, *new)) if new else result


def end_of_result(result: RunResult) -> RunEnd:
    """How a session ended that has figures, or that was to stop before them."""
    code = ExitCode.OK if result.ok else ExitCode.FAILED_SAMPLES
    message = "" if result.failure is None else result.failure.message
    if not message and not result.ok:
        message = f"{result.failed_share:.1%} failed, {result.max_failed:.1%} are allowed"
    return RunEnd(
        outcome="complete" if result.ok else "failed",
        exit_code=code,
        message=message,
        missing=not result.complete,
    )


def end_of_error(error: BaseException) -> RunEnd:
    """How a session ended that raised."""
    if isinstance(error, AbortError):
        return RunEnd(
            outcome="aborted", exit_code=error.exit_code, message=error.message, missing=True
        )
    if isinstance(error, KeyboardInterrupt):
        return RunEnd(
            outcome="aborted", exit_code=ExitCode.ABORTED, message="stopped", missing=True
        )
    if isinstance(error, AisbenchError):
        return RunEnd(
            outcome="failed", exit_code=error.exit_code, message=error.message, missing=True
        )
    return RunEnd(
        outcome="failed", exit_code=ExitCode.ABORTED, message=type(error).__name__, missing=True
    )
