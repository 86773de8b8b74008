"""Turns that fail in this process, by a bug of core's or of a plugin's: each fails its own sample
and never the run."""

from __future__ import annotations

import logging

import attrs

from aisbench.base.clock import now_ns
from aisbench.base.errors import AisbenchError
from aisbench.config.suite import ModelSettings
from aisbench.conversation.conversation import Conversation
from aisbench.conversation.keys import request_key
from aisbench.conversation.read_answer import understood
from aisbench.engine.sender import Attempts
from aisbench.types.prompt import Prompt
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
        return attrs.evolve(response, fault=_fault("the answer cannot be read", error))


def go_on(conversation: Conversation, response: Response, settings: ModelSettings) -> bool:
    """Take an answer and go to the next turn. False when the data set, which plays the user,
    failed at the answer: the conversation has failed then, and is over."""
    sample = conversation.sample.id
    answer = read_or_fail(response, settings, sample)
    try:
        conversation.answer(answer)
    except AisbenchError:
        raise
    except Exception as error:
        log.info("sample %s: the data set fails at turn %d", sample,
                 len(conversation.responses), exc_info=True)  # fmt: skip
        conversation.next_prompt = None
        conversation.turns = None
        conversation.prompts.append(conversation.prompts[-1])
        fault = _fault("the data set fails at the answer before", error)
        conversation.responses.append(Response(fault=fault))
        return False
    return True


def failed_turn(sample: str, repeat: int, turn: int, fault: Fault) -> tuple[Request, Attempts]:
    """The journal's row for a turn that was never asked, so that the sample counts as failed.
    Its key is the same each time that turn fails in that way."""
    request = Request(
        key=request_key([sample, repeat, turn, "not asked", fault.message]),
        sample_id=sample,
        repeat=repeat,
        turn=turn,
        model="",
        prompt=Prompt(text=""),
        generation={},
        stream=False,
        seed=0,
    )
    now = now_ns()
    timing = Timing(dispatched=now, sent=now, done=now)
    return request, Attempts(response=Response(fault=fault), timing=timing, url="")


def failure_of(conversation: Conversation) -> tuple[Request, Attempts]:
    """The journal's entry for a conversation that :func:`go_on` gave up."""
    fault = conversation.responses[-1].fault
    assert fault is not None
    turn = len(conversation.responses) - 1
    return failed_turn(conversation.sample.id, conversation.repeat, turn, fault)


def _fault(what: str, error: Exception) -> Fault:
    return Fault(
        kind=FaultKind.LOCAL,
        message=f"{what}: {type(error).__name__}: {error}"[:1000],
        deterministic=True,
    )
