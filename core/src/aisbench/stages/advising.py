"""Why a server refuses every request, and which settings help."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from aisbench.config.plan import Model, Plan, Task
from aisbench.conversation.asking import Asker
from aisbench.conversation.prepare import Rows
from aisbench.engine.advice import advice
from aisbench.engine.diagnosis import Diagnosis, describe, diagnose
from aisbench.engine.http_link import HttpLink
from aisbench.engine.link import ServerLink
from aisbench.engine.replicas import Replicas
from aisbench.types.request import Request

log = logging.getLogger(__name__)


async def explained(link: ServerLink, task: Task, request: Request, replicas: Replicas) -> str:
    """Why the server refuses ``request``, which is sent again to find out; "" where it no longer
    does, or the cause stays unknown. Never raises: the refusal itself is the error to report."""
    if not isinstance(link, HttpLink):
        return ""  # of other transports nobody knows what makes a request
    try:
        found = await diagnose(link.client, task, request, replicas.pick())
    except Exception:
        log.exception("the cause of a refusal could not be found out")
        return ""
    return "" if found is None else _words(found, task)


def first_request(task: Task, rows: Rows, model: str, seed: int, *, seeded: bool) -> Request:
    """The request that a load would send first."""
    asker = Asker(task, rows, model, seed, keyed=False, seeded=seeded)
    return asker.first().request()


def task_of(plan: Plan, rows: Mapping[str, Rows], model: Model, request: Request) -> Task | None:
    """The task that a request to ``model`` belongs to; None for a judgement."""
    for task in plan.tasks:
        if task.model is model and any(
            one.id == request.sample_id for one in rows[task.dataset.name].samples
        ):
            return task
    return None


def _words(found: Diagnosis, task: Task) -> str:
    return describe(found, task) or advice(found.fault, task.model)
