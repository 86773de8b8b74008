"""An accuracy run: ask every model, then score what is stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

from aisbench.base.errors import AbortError
from aisbench.conversation.prepare import asked_of
from aisbench.engine.file_limits import allow_connections
from aisbench.runs.event_loop import run_loop
from aisbench.runs.finish import finish
from aisbench.runs.result import RunResult
from aisbench.runs.session import Session
from aisbench.runs.stages_of import next_words, unscored
from aisbench.servers.started import started
from aisbench.stages.infer import Inference
from aisbench.stages.progress import Progress, TaskProgress
from aisbench.stages.resuming import Reuse
from aisbench.store.environment import record_end

log = logging.getLogger(__name__)


def ask_models(session: Session) -> RunResult:
    """Ask what is not answered yet, and score all, as far as the session's stages say.

    Raises AisbenchError, AbortError.
    """
    with session.progress.kept():
        return session.progress.ended(_ask_and_score(session))


def _ask_and_score(session: Session) -> RunResult:
    number = session.begin()  # first: it puts the rows' media into the run
    progress = Progress(tasks=[], planned=tuple(_planned(session)), title=session.title)
    session.progress.progress = progress
    inference = Inference(
        plan=session.plan,
        rows=session.rows,
        run=session.run,
        session=number,
        progress=progress,
        redactor=session.redactor,
        tell=session.say,
        again=session.resume_words,
        answering="answers" in session.stages,
        judging="judgements" in session.stages,
    )
    # Before the loop: it opens files of its own.
    allow_connections(sum(one.service.concurrency for one in session.asked if not one.local))
    run_loop(_infer(session, inference))
    for task in inference.progress.tasks:
        log.info(
            "%s / %s: %d of %d done, %d reused, %d failed, %d retried",
            task.model, task.dataset, task.done, task.total, task.reused, task.failed,
            task.retried,
        )  # fmt: skip
    if inference.stopped:
        raise AbortError("stopped before the end", hint=f"continue with: {session.resume_words}")
    if "scores" not in session.stages:
        return _finish_early(session, progress)
    # What is scored is read from the run again: rows of long documents would be there twice.
    del inference
    session.rows = {}
    session.progress.at("scores")
    return finish(session)


def _planned(session: Session) -> Iterator[TaskProgress]:
    """All tasks that the models are asked, before any has begun."""
    for task in session.plan.tasks if "answers" in session.stages else ():
        rows = session.rows[task.dataset.name]
        yield TaskProgress(
            model=task.model.name,
            dataset=task.dataset.name,
            variant=task.variant_name,
            total=len(asked_of(task, rows.samples)) * task.dataset.common.repeats,
        )


def _finish_early(session: Session, progress: Progress) -> RunResult:
    """The end of a session that leaves the scores to another."""
    session.say("")
    for task in progress.tasks:
        failed = f", {task.failed} failed" if task.failed else ""
        session.say(f"{task.model} / {task.dataset}: {task.done} of {task.total} stored{failed}")
    share = max((task.failed / task.total for task in progress.tasks if task.total), default=0.0)
    result = unscored(session.plan, session.run, share)
    if result.failed_share > result.max_failed:
        session.say(
            f"{share:.1%} of the answers of a task failed, {result.max_failed:.1%} are allowed "
            f"(suite.max_failed); ask them again with: {session.resume_words}"
        )
    session.say(next_words(session.plan, session.run, session.stages[-1]))
    record_end(session.run)
    return result


async def _infer(session: Session, inference: Inference) -> None:
    task = asyncio.current_task()
    assert task is not None

    def interrupt() -> None:
        # Before the first task there is nothing in flight to wait for.
        if inference.stopped or not inference.progress.tasks:
            task.cancel()
        inference.stop()

    display = session.host.display
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as last:
        last.callback(_tell, session, inference)
        last.enter_context(session.host.interrupts.reaching_loop(loop, interrupt))
        try:
            async with contextlib.AsyncExitStack() as stack:
                servers = await stack.enter_async_context(started(session.servers, session.run))
                session.progress.at("answers")
                await stack.enter_async_context(session.progress.followed())
                await stack.enter_async_context(display.around_requests(inference.progress))
                await inference.execute(servers)
        except asyncio.CancelledError:
            raise AbortError(
                "stopped at once; requests in flight are lost",
                hint=f"continue with: {session.resume_words}",
            ) from None


def _tell(session: Session, inference: Inference) -> None:
    """What is for the user to know once the display is gone."""
    session.clean_server_logs()
    for notice in inference.notices:
        session.say(notice)
    for reuse in inference.reuses:
        session.say(_described(reuse))


def _described(reuse: Reuse) -> str:
    text = f"{reuse.task}: {reuse.reused} answers of earlier sessions used again"
    if reuse.failed_before:
        text += f", {reuse.failed_before} failed requests sent again"
    if reuse.stale and reuse.why:
        text += (
            f"\n{reuse.task}: {reuse.stale} stored answers are not of this model ({reuse.why}), "
            f"and are set aside in {reuse.folder}/*/stale/"
        )
    elif reuse.stale:
        text += (
            f"\n{reuse.task}: {reuse.stale} stored answers belong to requests that the suite no "
            f"longer makes, and are set aside in {reuse.folder}/*/stale/"
        )
    return text
