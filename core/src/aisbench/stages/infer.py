"""Asking the models: from the plan to the journals of predictions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs
from attrs import define, field

from aisbench.base.errors import AbortError, AisbenchError
from aisbench.base.gc_pause import seldom_collected
from aisbench.config.plan import Model, Plan
from aisbench.conversation.adapters import adapters_to_ask
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.dependencies import Queue
from aisbench.conversation.prepare import Rows
from aisbench.engine.advice import advice
from aisbench.engine.breaker import Breaker
from aisbench.engine.client import reveal_headers
from aisbench.engine.discover import DiscoveredModel
from aisbench.engine.dispatch import run_closed, run_together
from aisbench.engine.link import ServerLink
from aisbench.engine.local import opened_model
from aisbench.engine.open_link import addresses_of, open_link
from aisbench.engine.replicas import Replicas
from aisbench.engine.sender import Sender
from aisbench.engine.waiting import ServerWatch, Stopped
from aisbench.stages.advising import explained, task_of
from aisbench.stages.assignments import Assignment, Assignments
from aisbench.stages.entries import Entries
from aisbench.stages.fitting import fitting_notes, room_of
from aisbench.stages.infer_local import hold_locally, note_model
from aisbench.stages.progress import Progress
from aisbench.stages.resuming import Matched, Reuse, has_stored, match, sort_out
from aisbench.stages.running_score import RunningScore
from aisbench.stages.running_task import RunningTask
from aisbench.stages.uploading import upload_media
from aisbench.store.environment import record_note, record_served, served_before
from aisbench.store.journal import Journal
from aisbench.store.redactor import Redactor
from aisbench.store.run import RunFolder
from aisbench.types.response import Fault, FaultKind

log = logging.getLogger(__name__)


@define
class Inference:
    """The stage, for one process. ``stop`` asks it to finish what is in flight and end."""

    plan: Plan
    rows: Mapping[str, Rows]
    run: RunFolder
    session: int
    progress: Progress
    redactor: Redactor
    tell: Callable[[str], None] = log.info
    """Prints a line for the user, at once."""
    again: str = "--resume"
    """How the user goes on with the run, when it was stopped."""
    answering: bool = True
    """Whether the models are asked."""
    judging: bool = True
    """Whether the judges are asked, when the models' answers are there."""
    reuses: list[Reuse] = field(factory=list)
    notices: list[str] = field(factory=list)
    """Sentences for the user, once the display is gone."""
    _stop: asyncio.Event = field(factory=asyncio.Event)
    _running_score: RunningScore = field(factory=RunningScore)
    _assignments: Assignments = field(init=False)
    _entries: Entries = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._assignments = Assignments(self.plan, self.rows, self.run)
        self._entries = Entries(self.session, self.redactor)

    def stop(self) -> None:
        """Give out no new request."""
        self._stop.set()
        self.progress.stopping = True

    @property
    def stopped(self) -> bool:
        """Whether it ended early because it was asked to."""
        return self._stop.is_set()

    async def execute(self, servers: Mapping[str, str]) -> None:
        """Ask all models; ``servers`` are the addresses of those that were started for it.

        Raises AbortError, ServerError, StoreError or DataError; the journals are whole then too.
        """
        with seldom_collected():
            if self.answering:
                await self._ask_all(self.plan.tested, servers)
            if self.judging and self.plan.judges and not self.stopped:
                self._assignments.judging = self.progress.judging = True
                await self._ask_all(self.plan.judges, servers)

    async def _ask_all(self, models: Sequence[Model], servers: Mapping[str, str]) -> None:
        slots = asyncio.Semaphore(self.plan.suite.suite.models_at_once)

        async def ask(model: Model) -> None:
            async with slots:
                if self.stopped:
                    return
                if model.local:
                    await self._ask_local(model)
                else:
                    await self._ask_service(model, servers)

        await run_together(ask(model) for model in models)

    def _breaker(self) -> Breaker:
        return Breaker(self.plan.suite.suite.abort_after)

    def _over(self, breaker: Breaker) -> bool:
        return self.stopped or breaker.tripped is not None

    # -- models in this process

    async def _ask_local(self, model: Model) -> None:
        breaker = self._breaker()
        tasks: list[RunningTask] = []
        async with opened_model(model) as opened:
            difference = note_model(self.run, model.name, opened)
            for warning in opened.description.warnings:
                self.notices.append(f"warning: models.{model.name}: {warning}")
            try:
                for assignment, matched in self._matched(model, opened.identity):
                    tasks.append(self._begin(assignment, matched, breaker, difference))
                await hold_locally(tasks, opened, self._running_score, lambda: self._over(breaker))
            finally:
                for task in tasks:
                    task.journal.close()
        if breaker.tripped is not None:
            raise _abort(model, breaker.tripped, self.plan.suite.suite.abort_after, self.again)

    # -- models behind a server

    async def _ask_service(self, model: Model, servers: Mapping[str, str]) -> None:
        service = model.service
        headers = reveal_headers(service)
        replicas = Replicas(addresses_of(model, servers))
        breaker = self._breaker()
        async with open_link(model, headers) as link:
            watch = ServerWatch(model, link, replicas, self.tell, lambda: self.stopped)
            discovered = await self._discover(model, link, replicas, watch)
            if discovered is None:
                return
            self._fit(model, discovered)
            await upload_media(self.plan, self.rows, model, link, replicas)
            record_served(self.run, model.name, self.redactor.clean(discovered.name))
            seed = self.plan.suite.suite.seed
            sender = Sender(link, service, replicas, seed, self._stop, watch)
            tasks: list[RunningTask] = []
            try:
                for assignment, matched in self._matched(model, discovered.name):
                    tasks.append(self._begin(assignment, matched, breaker))
                queue = Queue(tasks, RunningTask.drop)
                await run_closed(
                    lambda: queue.wait(lambda: self._over(breaker)),
                    lambda item: self._converse(*item, queue, sender),
                    service.concurrency,
                )
            finally:
                for task in tasks:
                    task.journal.close()
            why = await self._explained(model, sender, link, replicas)
        if breaker.tripped is not None:
            limit = self.plan.suite.suite.abort_after
            raise _abort(model, breaker.tripped, limit, self.again, why)
        if why:
            self.notices.append(f"models.{model.name}: {why}")

    async def _discover(
        self, model: Model, link: ServerLink, replicas: Replicas, watch: ServerWatch
    ) -> DiscoveredModel | None:
        """What the server serves; None when nothing is to be asked of it."""
        try:
            if watch.patience and self._take_stored(model):
                return None  # a server that is asked nothing need not be waited for
            await watch.ready()
            adapters = adapters_to_ask(self.plan, self.rows, model)
            return await link.discover(model, replicas, adapters)
        except Stopped:
            return None
        except AisbenchError as error:
            if not self._take_stored(model):
                raise
            log.warning("%s; nothing is left to ask it", error.message)
            return None

    def _fit(self, model: Model, discovered: DiscoveredModel) -> None:
        """Make the requests of a model's tasks fit its context. Raises AisbenchError."""
        seed = self.plan.suite.suite.seed
        for task in self.plan.tasks:
            if task.model is not model or self._assignments.judging:
                continue
            for note in fitting_notes(task, self.rows[task.dataset.name], discovered, seed):
                self.tell(note)
                log.info("%s", note)
                record_note(self.run, task.label, note)
            if (room := room_of(task, discovered)) is not None:
                self._assignments.fits[task.label] = room.fit

    async def _converse(
        self,
        task: RunningTask,
        conversation: Conversation,
        queue: Queue[RunningTask],
        sender: Sender,
    ) -> None:
        progress = task.progress
        progress.in_flight += 1
        try:
            await task.play(conversation)
            while not conversation.finished:
                request = conversation.request()
                try:
                    attempts = await sender.send(request)
                except Stopped:
                    return
                task.take(conversation, task.keep(request, attempts), attempts.timing)
                await task.play(conversation)
        finally:
            progress.in_flight -= 1
            queue.over(task, conversation)
        self._running_score.count(task.assignment, conversation)

    async def _explained(
        self, model: Model, sender: Sender, link: ServerLink, replicas: Replicas
    ) -> str:
        """Why the server refused all that it was asked; "" where it did not."""
        if sender.answered or sender.refused is None or self.stopped or self._assignments.judging:
            return ""
        task = task_of(self.plan, self.rows, model, sender.refused)
        if task is None:
            return ""
        return self.redactor.clean(await explained(link, task, sender.refused, replicas))

    # -- what is stored already

    def _matched(self, model: Model, name: str) -> Iterator[tuple[Assignment, Matched | None]]:
        """What ``model`` is to be asked, with what is stored of it under ``name``."""
        for assignment in self._assignments.of_model(model, name):
            stored = has_stored(assignment)
            yield assignment, match(assignment, self._running_score.count) if stored else None

    def _take_stored(self, model: Model) -> bool:
        """Use the stored answers, if they answer all that ``model`` is asked under the name that
        it had in an earlier session: then its server need not be up."""
        name = served_before(self.run, model.name)
        if name is None:
            return False
        found = list(self._matched(model, name))
        if any(matched is None or matched.pending for _, matched in found):
            return False
        for assignment, matched in found:
            self._begin(assignment, matched, self._breaker()).journal.close()
        return True

    def _begin(
        self,
        assignment: Assignment,
        matched: Matched | None,
        breaker: Breaker,
        difference: str = "",
    ) -> RunningTask:
        """``difference`` says how the model differs from the one that gave the stored answers."""
        self.progress.tasks.append(assignment.progress)
        conversations = assignment.conversations
        if matched is not None:
            reuse = sort_out(assignment, matched, self.run)
            self.reuses.append(attrs.evolve(reuse, why=difference))
            conversations = iter(matched.pending)
        journal = Journal(assignment.path)
        task = RunningTask(assignment, conversations, journal, self._entries, breaker)
        for conversation in matched.unwritten if matched is not None else ():
            task.write_failure(conversation)
        return task


def _abort(model: Model, fault: Fault, count: int, again: str, why: str = "") -> AbortError:
    detail = f"\n  the server said: {fault.body}" if fault.body else ""
    what = "requests"
    cause = why or ("" if model.local else advice(fault, model))
    if fault.kind is FaultKind.PLUGIN:
        what, cause = "samples", "log.jsonl of the run has the tracebacks: repair the plugin"
    return AbortError(
        f"models.{model.name}: stopped after {count} {what} in a row failed in the same way "
        f"(suite.abort_after = {count}): {fault.message}{detail}",
        hint=f"{cause or 'mend the cause'}; then continue with: {again}",
    )
