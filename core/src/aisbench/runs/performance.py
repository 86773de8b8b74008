"""A performance run: every load in turn, then its figures."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import attrs

from aisbench.base.errors import AbortError
from aisbench.loadgen.live import LiveLoad
from aisbench.runs.event_loop import run_loop
from aisbench.runs.finish import finish
from aisbench.runs.guard import hide_in_error
from aisbench.runs.result import RunResult
from aisbench.runs.session import Session
from aisbench.runs.tuning import Tuning
from aisbench.servers.started import started
from aisbench.stages.loads_progress import LoadsProgress, planned_loads
from aisbench.stages.run_loads import LoadStage


def load_models(session: Session) -> RunResult:
    """Run the loads that have not been run, and measure all. Raises AisbenchError, AbortError."""
    with session.progress.kept():
        return session.progress.ended(_load_and_measure(session))


def _load_and_measure(session: Session) -> RunResult:
    number = session.begin()  # first: it puts the rows' media into the run
    progress = LoadsProgress(list(planned_loads(session.plan)), title=session.title)
    session.progress.loads = progress

    @contextlib.asynccontextmanager
    async def around(live: LiveLoad) -> AsyncIterator[None]:
        async with session.progress.followed(), session.host.display.around_load(live, progress):
            yield

    stage = LoadStage(
        plan=session.plan,
        rows=session.rows,
        run=session.run,
        session=number,
        redactor=session.redactor,
        around=around,
        progress=progress,
        tell=session.say,
        run_loop=run_loop,
        quiet=session.observers.quiet,
        known=session.observers.load,
    )
    _run_loads(session, stage)
    session.progress.at("scores")
    result = finish(session)
    if stage.failure is not None:
        hide_in_error(stage.failure, session.redactor)
        session.say(f"error: {stage.failure}")
        return attrs.evolve(result, failure=stage.failure)
    if stage.stopped:
        raise AbortError(
            "stopped before the end; the figures above are of what was done",
            hint=f"loads that were not finished are run by: {session.resume_words}",
        )
    return result


def _run_loads(session: Session, stage: LoadStage) -> None:
    interrupts = session.host.interrupts
    # The servers' loop must not run while workers are forked: it only starts and stops them.
    loop = asyncio.new_event_loop()
    stack = contextlib.AsyncExitStack()
    starting: asyncio.Task[Mapping[str, str]] | None = None
    tuning = Tuning(session, stage, loop)

    def ask() -> None:
        stage.stop()
        for one in (starting, tuning.starting):
            if one is not None and not one.done():
                loop.call_soon_threadsafe(one.cancel)

    def interrupt() -> None:
        again = stage.stopped
        ask()
        begun = (starting is None or starting.done()) and not tuning.busy
        if begun and stage.running is None and (again or not stage.settling):
            # Nothing is in flight that could be waited for; files are whole at any instant.
            raise KeyboardInterrupt

    with interrupts.reaching_main_thread(interrupt, ask):
        try:
            if session.plan.tune is not None:
                session.progress.at("loads")
                tuning.execute(session.plan.tune)
                return
            starting = loop.create_task(
                stack.enter_async_context(started(session.servers, session.run))
            )
            try:
                servers = loop.run_until_complete(starting)
            except asyncio.CancelledError:
                raise AbortError(
                    "stopped before the servers were ready",
                    hint=f"continue with: {session.resume_words}",
                ) from None
            session.progress.at("loads")
            stage.execute(servers)
        finally:
            interrupts.ignore()  # the servers must be ended first
            loop.run_until_complete(stack.aclose())
            loop.close()
            session.clean_server_logs()
