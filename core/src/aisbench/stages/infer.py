"""Asking the models: from the plan to the journals of predictions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from attrs import define, field

from aisbench.base.errors import AbortError, AisbenchError
from aisbench.base.gc_pause import seldom_collected
from aisbench.config.plan import Model, Plan, Task
from aisbench.config.suite import urls
from aisbench.conversation.conversation import Conversation, Later, conversations_of
from aisbench.conversation.dependencies import EarlierTranscripts, Queue
from aisbench.conversation.prepare import Rows
from aisbench.engine.advice import advice
from aisbench.engine.breaker import Breaker
from aisbench.engine.client import HttpClient, reveal_headers
from aisbench.engine.discover import DiscoveredModel, discover_model
from aisbench.engine.dispatch import run_closed, run_together
from aisbench.engine.local import LocalModel, opened_model
from aisbench.engine.replicas import Replicas
from aisbench.engine.sender import Attempts, Sender
from aisbench.engine.waiting import ServerWatch, Stopped
from aisbench.stages.advising import explained, task_of
from aisbench.stages.entries import Entries
from aisbench.stages.fitting import fitting_notes, room_of
from aisbench.stages.judge_model import judge_of, judgements_to_ask
from aisbench.stages.odd import failed_turn, failure_of, go_on
from aisbench.stages.progress import Progress, TaskProgress
from aisbench.stages.resuming import Assignment, Matched, Reuse, has_stored, match, sort_out
from aisbench.stages.running_score import RunningScore
from aisbench.store.environment import (
    record_model,
    record_note,
    record_served,
    served_before,
)
from aisbench.store.journal import Journal
from aisbench.store.redactor import Redactor
from aisbench.store.run import RunFolder
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response

log = logging.getLogger(__name__)


@define
class _TaskState:
    """Work while it runs."""

    work: Assignment
    journal: Journal
    conversations: Iterator[Conversation | Later]

    @property
    def progress(self) -> TaskProgress:
        return self.work.progress

    @property
    def earlier(self) -> EarlierTranscripts:
        return self.work.earlier


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
    reuses: list[Reuse] = field(factory=list)
    notices: list[str] = field(factory=list)
    """Sentences for the user, once the display is gone."""
    _fits: dict[str, Callable[[Request], Request]] = field(factory=dict)
    """By the task's label: what makes requests fit the context that its server told."""
    _stop: asyncio.Event = field(factory=asyncio.Event)
    _judging: bool = False
    _running: RunningScore = field(factory=RunningScore)
    _entries: Entries = field(init=False)

    def __attrs_post_init__(self) -> None:
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
            await self._ask_all(self.plan.tested, servers)
            if self.plan.judges and not self.stopped:
                self._judging = True
                await self._ask_all(self.plan.judges, servers)

    async def _ask_all(self, models: Sequence[Model], servers: Mapping[str, str]) -> None:
        slots = asyncio.Semaphore(self.plan.suite.suite.models_at_once)

        async def one(model: Model) -> None:
            async with slots:
                if not self.stopped:
                    await self._ask(model, servers)

        await run_together(one(model) for model in models)

    async def _ask(self, model: Model, servers: Mapping[str, str]) -> None:
        if model.local:
            await self._ask_local(model)
        else:
            await self._ask_service(model, servers)

    async def _ask_local(self, model: Model) -> None:
        """All conversations turn by turn: a backend in this process makes its own batches."""
        breaker = Breaker(self.plan.suite.suite.abort_after)
        states: list[_TaskState] = []
        async with opened_model(model) as running:
            other = self._noted(model, running)
            try:
                for work, matched in self._matched(model, running.identity):
                    states.append(self._open(work, matched, other))
                queue = Queue(states, self._drop)
                waiting = queue.take_all()
                while waiting and not self._over(breaker):
                    await self._wave(waiting, running, breaker)
                    for item in waiting:
                        if item[1].finished:
                            queue.over(*item)
                    waiting = [item for item in waiting if not item[1].finished]
                    waiting += queue.take_all()
            finally:
                for state in states:
                    state.journal.close()
        if breaker.tripped is not None:
            raise _abort(model, breaker.tripped, self.plan.suite.suite.abort_after, self.run.path)

    def _noted(self, model: Model, running: LocalModel) -> str:
        """Keep which model it is; in what it differs from the one that answered before."""
        found = record_model(self.run, model.name, running.name, running.description)
        for warning in running.description.warnings:
            self.notices.append(f"warning: models.{model.name}: {warning}")
            log.warning("models.%s: %s", model.name, warning)
        for note in running.description.notes:
            log.info("models.%s: %s", model.name, note)
        if found is None:
            return "it was not recorded which files they are of"
        for change in found:
            log.info("changed since the last session: %s", change)
        return "; ".join(found)

    async def _wave(
        self,
        waiting: list[tuple[_TaskState, Conversation]],
        running: LocalModel,
        breaker: Breaker,
    ) -> None:
        """One turn of each conversation; all choices of a prompt at once, in any order."""
        whose = [
            (number, ahead)
            for number, (_, conversation) in enumerate(waiting)
            for ahead in range(1 + len(conversation.following))
        ]
        requests = [waiting[number][1].request(ahead) for number, ahead in whose]
        answered: dict[int, dict[int, Response]] = defaultdict(dict)
        async with contextlib.aclosing(running.answer(requests)) as answers:
            async for place, outcome in answers:
                number, ahead = whose[place]
                state, conversation = waiting[number]
                mine = answered[number]
                mine[ahead] = self._keep(state, requests[place], outcome, breaker)
                if len(mine) == 1 + len(conversation.following):
                    for _, response in sorted(answered.pop(number).items()):
                        if not conversation.finished:
                            self._go_on(state, conversation, response)
                    if conversation.finished:
                        self._running.count(state.work, conversation)
                if self._over(breaker):
                    return

    def _over(self, breaker: Breaker) -> bool:
        return self.stopped or breaker.tripped is not None

    async def _ask_service(self, model: Model, servers: Mapping[str, str]) -> None:
        service = model.service
        headers = reveal_headers(service)
        replicas = Replicas([servers[service.server]] if service.server else urls(service))
        seed = self.plan.suite.suite.seed
        async with HttpClient(service, headers) as client:
            watch = ServerWatch(model, client, replicas, self.tell, lambda: self.stopped)
            try:
                if watch.patience and self._take_stored(model):
                    return  # a server of which nothing is asked need not be waited for
                await watch.ready()
                found_model = await discover_model(model, client, replicas)
            except Stopped:
                return
            except AisbenchError as error:
                if not self._take_stored(model):
                    raise
                log.warning("%s; nothing is left to ask it", error.message)
                return
            name = found_model.name
            self._rooms(model, found_model)
            record_served(self.run, model.name, self.redactor.clean(name))
            sender = Sender(client, model.codec, service, replicas, seed, self._stop, watch)
            breaker = Breaker(self.plan.suite.suite.abort_after)
            states: list[_TaskState] = []
            try:
                for work, matched in self._matched(model, name):
                    states.append(self._open(work, matched))
                queue = Queue(states, self._drop)
                await run_closed(
                    lambda: queue.wait(lambda: self._over(breaker)),
                    lambda item: self._converse(item, queue, sender, breaker),
                    service.concurrency,
                )
            finally:
                for state in states:
                    state.journal.close()
            why = await self._explained(model, sender, client, replicas)
        if breaker.tripped is not None:
            limit = self.plan.suite.suite.abort_after
            raise _abort(model, breaker.tripped, limit, self.run.path, why)
        if why:
            self.notices.append(f"models.{model.name}: {why}")

    async def _explained(
        self, model: Model, sender: Sender, client: HttpClient, replicas: Replicas
    ) -> str:
        """Why the server refused all that it was asked; "" where it did not."""
        if sender.answered or sender.refused is None or self.stopped:
            return ""
        task = task_of(self.plan, self.rows, model, sender.refused)
        if task is None:
            return ""
        return self.redactor.clean(await explained(client, task, sender.refused, replicas))

    def _rooms(self, model: Model, found: DiscoveredModel) -> None:
        """Make the requests of a model's tasks fit its context. Raises AisbenchError."""
        seed = self.plan.suite.suite.seed
        for task in self.plan.tasks:
            if task.model is model and not self._judging:
                for note in fitting_notes(task, self.rows[task.dataset.name], found, seed):
                    self.tell(note)
                    log.info("%s", note)
                    record_note(self.run, task.label, note)
                if (room := room_of(task, found)) is not None:
                    self._fits[task.label] = room.fit

    def _drop(self, state: _TaskState, later: Later, failed: str) -> None:
        """Write down why a conversation is not held; it is asked when the run is resumed."""
        fault = Fault(
            kind=FaultKind.DROPPED, message=f"not asked: it builds on {failed}, which failed"
        )
        request, outcome = failed_turn(later.sample.id, later.repeat, 0, fault)
        state.journal.append(self._entries.entry(request, outcome)[0])
        state.progress.done += 1
        state.progress.failed += 1

    # -- one task

    def _work_of(self, model: Model, name: str) -> Iterator[Assignment]:
        """What ``model``, which calls itself ``name``, is to be asked."""
        for task in self.plan.tasks:
            if self._judging and task.judged_evaluator and judge_of(self.plan, task) is model:
                yield self._judgements(task, model, name)
            elif not self._judging and task.model is model:
                yield self._answers(task, name)

    def _answers(self, task: Task, name: str) -> Assignment:
        rows = self.rows[task.dataset.name]
        names = (task.model.name, task.dataset.name)
        return Assignment(
            label=task.label,
            model=task.model,
            path=self.run.predictions(*names),
            stale=self.run.stale(*names),
            progress=TaskProgress(
                model=task.model.name,
                dataset=task.dataset.name,
                variant=task.variant_name,
                total=len(rows.samples) * task.dataset.common.repeats,
            ),
            conversations=conversations_of(
                task, rows, name, self.plan.suite.suite.seed, self._fits.get(task.label)
            ),
            task=task,
            earlier=EarlierTranscripts(
                frozenset(name for sample in rows.samples for name in sample.after)
            ),
        )

    def _judgements(self, task: Task, judge: Model, name: str) -> Assignment:
        asked = list(judgements_to_ask(self.plan, task, self.run, name))
        names = (task.model.name, task.dataset.name)
        return Assignment(
            label=f"{judge.name} on {task.label}",
            model=judge,
            path=self.run.judgements(*names),
            stale=self.run.stale_judgements(*names),
            progress=TaskProgress(
                model=judge.name,
                dataset=f"answers of {task.label}",
                variant="judging",
                total=len(asked),
                scored=-1,
            ),
            conversations=iter(asked),
        )

    def _matched(self, model: Model, name: str) -> Iterator[tuple[Assignment, Matched | None]]:
        """What ``model`` is to be asked, with what is stored of it under ``name``."""
        for work in self._work_of(model, name):
            yield work, match(work, self._running.count) if has_stored(work) else None

    def _all_stored(self, model: Model) -> list[tuple[Assignment, Matched | None]] | None:
        """All that ``model`` is asked, where all of it is stored, under the name that it had in
        an earlier session: then its server need not be there. None where something is left."""
        name = served_before(self.run, model.name)
        if name is None:
            return None
        found = list(self._matched(model, name))
        left = any(matched is None or matched.pending for _, matched in found)
        return None if left else found

    def _take_stored(self, model: Model) -> bool:
        """Use the stored answers, where all that ``model`` is asked is stored."""
        found = self._all_stored(model)
        for work, matched in found or ():
            self._open(work, matched).journal.close()
        return found is not None

    def _open(self, work: Assignment, matched: Matched | None, other: str = "") -> _TaskState:
        """``other`` says in what the model differs from the one that gave the stored answers."""
        self.progress.tasks.append(work.progress)
        conversations = work.conversations
        if matched is not None:
            self.reuses.append(attrs.evolve(sort_out(work, matched, self.run), why=other))
            conversations = iter(matched.pending)
        state = _TaskState(work=work, journal=Journal(work.path), conversations=conversations)
        for conversation in matched.unwritten if matched is not None else ():
            self._give_up(state, conversation)
        return state

    # -- one sample

    async def _converse(
        self,
        item: tuple[_TaskState, Conversation],
        queue: Queue[_TaskState],
        sender: Sender,
        breaker: Breaker,
    ) -> None:
        state, conversation = item
        progress = state.progress
        progress.in_flight += 1
        try:
            while not conversation.finished:
                request = conversation.request()
                try:
                    outcome = await sender.send(request)
                except Stopped:
                    return
                response = self._keep(state, request, outcome, breaker)
                self._go_on(state, conversation, response)
        finally:
            progress.in_flight -= 1
            queue.over(state, conversation)
        self._running.count(state.work, conversation)

    def _keep(
        self, state: _TaskState, request: Request, outcome: Attempts, breaker: Breaker
    ) -> Response:
        """Write an answer down, and return it as it was written: without secrets in it."""
        state.progress.retried += len(outcome.failures)
        line, response = self._entries.entry(request, outcome)
        state.journal.append(line)
        fault = response.fault
        breaker.record(fault)
        if fault is not None:
            log.info(
                "%s: sample %s failed: %s", state.work.label, request.sample_id, fault.message
            )
        return response

    def _go_on(self, state: _TaskState, conversation: Conversation, response: Response) -> None:
        if not go_on(conversation, response, state.work.model.common):
            self._give_up(state, conversation)

    def _give_up(self, state: _TaskState, conversation: Conversation) -> None:
        """Write down that a conversation failed at an answer that is there."""
        request, outcome = failure_of(conversation)
        state.journal.append(self._entries.entry(request, outcome)[0])


def _abort(model: Model, fault: Fault, count: int, run: Path, why: str = "") -> AbortError:
    detail = f"\n  the server said: {fault.body}" if fault.body else ""
    cause = why or ("" if model.local else advice(fault, model))
    return AbortError(
        f"models.{model.name}: stopped after {count} requests in a row failed in the same way "
        f"(suite.abort_after = {count}): {fault.message}{detail}",
        hint=f"{cause or 'mend the cause'}; then continue with --resume {run}",
    )
