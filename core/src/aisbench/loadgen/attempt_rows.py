"""What is recorded of one attempt: its row, its failure, its answer, the texts to be counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import orjson

from aisbench.codec.rendering import tool_json, turn_json
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.spec import LoadSpec
from aisbench.store.recording.columns import ABSENT, FAULTS, FINISHES, AttemptOutcome
from aisbench.store.redactor import Redactor
from aisbench.store.rows import VERSION, Prediction, dump_row
from aisbench.tokens.chat_template import chat_of
from aisbench.types.request import LIMITS, Request
from aisbench.types.response import Fault, Response
from aisbench.types.timing import Timing

_FAULT = {kind: place for place, kind in enumerate(FAULTS)}
_FINISH = {reason: place for place, reason in enumerate(FINISHES)}


def row(
    attempt: Attempt,
    response: Response,
    fault: Fault | None,
    outcome: AttemptOutcome,
    final: bool,
    events: int,
    worker: int,
    replica: int,
) -> tuple[int, ...]:
    """The row of integers, in the order of ``FIELDS``; instants as the clock told them, in ns."""
    usage = response.usage
    reads = attempt.reads
    generation = attempt.request.generation
    limit = generation.get("max_tokens")
    if limit is None:
        limit = next((generation[name] for name in LIMITS if name in generation), None)
    active = attempt.active
    return (
        active.row,
        active.conversation.repeat,
        attempt.request.turn,
        active.number,
        attempt.number,
        int(final),
        attempt.phase,
        worker,
        replica,
        outcome,
        ABSENT if fault is None else _FAULT[fault.kind],
        ABSENT if fault is None or fault.status is None else fault.status,
        ABSENT if response.finish_reason is None else _FINISH[response.finish_reason],
        attempt.scheduled,
        attempt.dispatched,
        _known(attempt.sent),
        _known(attempt.first_byte),
        reads[0] if reads else ABSENT,
        _known(attempt.first_answer),
        reads[-2] if reads else ABSENT,
        _known(attempt.done),
        attempt.connect,
        limit if type(limit) is int else ABSENT,
        _known(usage.prompt_tokens),
        _known(usage.completion_tokens),
        _known(usage.cached_tokens),
        _known(usage.reasoning_tokens),
        ABSENT,
        ABSENT,
        events,
        len(reads) // 2,
    )


def _known(value: int | None) -> int:
    return ABSENT if value is None else value


def failure(attempt: Attempt, fault: Fault | None, redactor: Redactor) -> dict[str, Any]:
    """What failures.jsonl says of a failure."""
    if fault is None or attempt.cancelled:
        return {"kind": "cancelled", "message": "cancelled by the client at the end of the load"}
    cleaned = redactor.fault(fault)
    return {
        "kind": fault.kind.value,
        "status": fault.status,
        "message": cleaned.message,
        "body": None if cleaned.body is None else cleaned.body[:2000],
        "attempt": attempt.number,
    }


def answer(attempt: Attempt, response: Response, fault: Fault | None, spec: LoadSpec) -> bytes:
    """A line for the journal of predictions, the same as an accuracy run writes."""
    request = attempt.request
    if fault is not None:
        response = attrs.evolve(response, finish_reason=None, fault=spec.redactor.fault(fault))
    assert attempt.replica is not None
    line = dump_row(
        Prediction(
            v=VERSION,
            key=request.key,
            sample=request.sample_id,
            repeat=request.repeat,
            turn=request.turn,
            seed=request.seed,
            url=attempt.replica.url,
            session=spec.session,
            prompt=request.prompt,
            response=response,
            timing=Timing(
                dispatched=attempt.dispatched,
                sent=attempt.sent,
                first_byte=attempt.first_byte,
                first_token=attempt.first_token,
                first_answer=attempt.first_answer,
                last_token=attempt.last_token,
                done=attempt.done,
            ),
        )
    )
    return spec.redactor.row(line)


def texts(number: int, attempt: Attempt, response: Response, redactor: Redactor) -> bytes:
    """What the tokenizer is to count after the run; ``number`` is the row in the worker's file."""
    line = orjson.dumps(
        {
            "row": number,
            **_prompt_texts(attempt.request),
            "answer": (response.reasoning or "") + response.text + (response.refusal or ""),
        },
        default=_plain,
        option=orjson.OPT_APPEND_NEWLINE,
    )
    return redactor.row(line)


def _prompt_texts(request: Request) -> dict[str, Any]:
    """The prompt: the number of its ids, its text, or its chat with the words in it."""
    prompt = request.prompt
    if prompt.tokens is not None:
        return {"ids": len(prompt.tokens)}
    words = {"prompt": prompt.words}
    if prompt.messages is None:
        return words
    if prompt.media:
        return {**words, "chat": None}  # no tokenizer of texts counts pictures
    tools = prompt.tools if prompt.tool_choice != "none" else ()
    arguments = request.generation.get("chat_template_kwargs")
    return {
        **words,
        "chat": chat_of(
            [turn_json(message) for message in prompt.messages],
            tools=[tool_json(tool) for tool in tools],
            arguments=arguments if isinstance(arguments, Mapping) else None,
        ),
    }


def _plain(value: object) -> object:
    """Mappings of settings made dictionaries, for orjson."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value))
