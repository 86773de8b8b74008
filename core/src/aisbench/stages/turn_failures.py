"""Turns between requests, and those that fail in this process, by a bug of core's or of a
plugin's: each fails its own sample and never the run."""

from __future__ import annotations

import asyncio
import logging

import attrs

from aisbench.base.clock import now_ns
from aisbench.base.raised import described
from aisbench.config.suite import ModelSettings
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.read_answer import understood
from aisbench.engine.sender import Attempts
from aisbench.types.request import Request
from aisbench.types.response import Fault, FaultKind, Response
from aisbench.types.timing import Timing

log = logging.getLogger(__name__)


def read_or_fail(response: Response, settings: ModelSettings, sample: str) -> Response:
    """The answer as evaluators see it, or with a fault where it cannot be read."""
    try:
        return understood(response, settings)
    except Exception as error:
        log.info("sample %s: the answer cannot be read", sample, exc_info=True)
        fault = Fault(
            kind=FaultKind.LOCAL,
            message=f"the answer cannot be read: {described(error)}",
            deterministic=True,
        )
        return attrs.evolve(response, fault=fault)


async def play(conversation: Conversation) -> None:
    """Let the data set say what comes next, if it is its turn, without delaying anything else."""
    if not conversation.playing:
        return
    turns = conversation.turns
    assert turns is not None
    if turns.inline:
        conversation.play()
        return
    known = turns.soon(conversation.told)
    await asyncio.wait([asyncio.wrap_future(known)])
    conversation.settle(known)


def not_asked(request: Request, fault: Fault) -> Attempts:
    """The outcome of a request that was never made, so that its sample counts as failed."""
    now = now_ns()
    timing = Timing(dispatched=now, sent=now, done=now)
    return Attempts(response=Response(fault=fault), timing=timing, url="")
