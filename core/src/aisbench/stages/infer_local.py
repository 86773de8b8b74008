"""Conversations with a model in this process: one turn of each at a time, so that the backend
can make its own batches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence

from aisbench.conversation.conversation import Conversation
from aisbench.conversation.dependencies import Queue
from aisbench.engine.local import LocalModel
from aisbench.stages.running_score import RunningScore
from aisbench.stages.running_task import RunningTask
from aisbench.store.environment import record_model
from aisbench.store.run import RunFolder
from aisbench.types.response import Response
from aisbench.types.timing import Timing

log = logging.getLogger(__name__)

Held = tuple[RunningTask, Conversation]

AT_ONCE = 256
"""Conversations that data sets play at the same time."""

MOST_TEXT = 64 << 20
"""Characters of prompts of which a backend makes its batches: of all there are, unless they are of
long documents, which would fill the memory."""


def note_model(run: RunFolder, label: str, model: LocalModel) -> str:
    """Record which model it is. Returns how it differs from the one that answered before."""
    changes = record_model(run, label, model.name, model.description)
    for warning in model.description.warnings:
        log.warning("models.%s: %s", label, warning)
    for note in model.description.notes:
        log.info("models.%s: %s", label, note)
    if changes is None:
        return "it was not recorded which files they are of"
    for change in changes:
        log.info("changed since the last session: %s", change)
    return "; ".join(changes)


async def hold_locally(
    tasks: Sequence[RunningTask],
    model: LocalModel,
    running_score: RunningScore,
    over: Callable[[], bool],
) -> None:
    """Hold all conversations of ``tasks``, until ``over`` says so at the latest."""
    queue = Queue(tasks, RunningTask.drop)
    waiting = _taken(queue, [])
    while waiting and not over():
        await _play(waiting, running_score)
        asked = [held for held in waiting if not held[1].finished]
        if asked:
            await _next_turns(asked, model, running_score, over)
        for task, conversation in waiting:
            if conversation.finished:
                queue.over(task, conversation)
        waiting = _taken(queue, [held for held in waiting if not held[1].finished])


def _taken(queue: Queue[RunningTask], waiting: list[Held]) -> list[Held]:
    """Those that wait for their next turn, and as many more as their prompts leave room for."""
    size = sum(conversation.size for _, conversation in waiting)
    while size < MOST_TEXT and (held := queue.take()) is not None:
        waiting.append(held)
        size += held[1].size
    return waiting


async def _play(waiting: Sequence[Held], running_score: RunningScore) -> None:
    """Let the data sets say what comes next."""
    due = [held for held in waiting if held[1].playing or held[1].broken is not None]
    for begin in range(0, len(due), AT_ONCE):
        some = due[begin : begin + AT_ONCE]
        await asyncio.gather(*(task.play(conversation) for task, conversation in some))
        for task, conversation in some:
            if conversation.finished:
                running_score.count(task.assignment, conversation)
            elif conversation.turns is not None and len(due) > AT_ONCE:
                conversation.turns.rest()


async def _next_turns(
    waiting: Sequence[Held],
    model: LocalModel,
    running_score: RunningScore,
    over: Callable[[], bool],
) -> None:
    """One turn of each conversation; all choices of a prompt at once, in any order."""
    places = [
        (number, ahead)
        for number, (_, conversation) in enumerate(waiting)
        for ahead in range(1 + len(conversation.following))
    ]
    requests = [waiting[number][1].request(ahead) for number, ahead in places]
    answered: dict[int, dict[int, tuple[Response, Timing]]] = defaultdict(dict)
    async with contextlib.aclosing(model.answer(requests)) as answers:
        async for place, attempts in answers:
            number, ahead = places[place]
            task, conversation = waiting[number]
            answered[number][ahead] = (task.keep(requests[place], attempts), attempts.timing)
            if len(answered[number]) == 1 + len(conversation.following):
                for _, (response, timing) in sorted(answered.pop(number).items()):
                    if conversation.next_prompt is not None:
                        task.take(conversation, response, timing)
                if conversation.finished:
                    running_score.count(task.assignment, conversation)
            if over():
                return
