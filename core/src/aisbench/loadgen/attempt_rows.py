"""What is recorded of one attempt: its row, its failure, its answer, the texts to be counted."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import orjson

from aisbench.codec.rendering import tool_json, turn_json
from aisbench.loadgen.attempt import Attempt
from aisbench.loadgen.spec import LoadSpec
from aisbench.media.contents import may_hold_media
from aisbench.store.recording.columns import (
    ABSENT,
    FAULTS,
    FIELDS,
    FINISHES,
    PLACE,
    AttemptOutcome,
)
from aisbench.store.redactor import Redactor
from aisbench.store.rows import VERSION, Prediction, dump_row
from aisbench.tokens.chat_template import chat_of
from aisbench.types.media import Media
from aisbench.types.request import LIMITS, Request
from aisbench.types.response import Fault, Response, Usage
from aisbench.types.timing import Timing

_FAULT_CODES = {kind: place for place, kind in enumerate(FAULTS)}
_FINISH_CODES = {reason: place for place, reason in enumerate(FINISHES)}


# Places of the columns, looked up once: a row is written for every answer.
_ROW = PLACE["row"]
_REPEAT = PLACE["repeat"]
_TURN = PLACE["turn"]
_CONVERSATION = PLACE["conversation"]
_ATTEMPT = PLACE["attempt"]
_FINAL = PLACE["final"]
_PHASE = PLACE["phase"]
_WORKER = PLACE["worker"]
_REPLICA = PLACE["replica"]
_OUTCOME = PLACE["outcome"]
_FAULT = PLACE["fault"]
_STATUS = PLACE["status"]
_FINISH = PLACE["finish"]
_SCHEDULED = PLACE["scheduled"]
_DISPATCHED = PLACE["dispatched"]
_SENT = PLACE["sent"]
_FIRST_BYTE = PLACE["first_byte"]
_FIRST_TOKEN = PLACE["first_token"]
_FIRST_ANSWER = PLACE["first_answer"]
_LAST_TOKEN = PLACE["last_token"]
_DONE = PLACE["done"]
_CONNECT = PLACE["connect"]
_ASKED_TOKENS = PLACE["asked_tokens"]
_PROMPT_TOKENS = PLACE["prompt_tokens"]
_COMPLETION_TOKENS = PLACE["completion_tokens"]
_CACHED_TOKENS = PLACE["cached_tokens"]
_REASONING_TOKENS = PLACE["reasoning_tokens"]
_EVENTS = PLACE["events"]
_READS = PLACE["reads"]
_LABELS = PLACE["labels"]
_ITEMS = PLACE["items"]
_GENERATES = PLACE["generates"]
_AUDIO = PLACE["audio"]
_UPLOAD = PLACE["upload"]
_UPLOADED = PLACE["uploaded"]
_UNKNOWN = array("q", [ABSENT] * len(FIELDS))


def row(
    attempt: Attempt,
    response: Response,
    fault: Fault | None,
    outcome: AttemptOutcome,
    final: bool,
    events: int,
    worker: int,
    replica: int,
    labels: int = ABSENT,
) -> array[int]:
    """The attempt's row of the table; instants as the clock told them, in ns. ``labels`` is the
    number of the request's labels among those of its worker."""
    cells = _UNKNOWN[:]
    active, request, reads = attempt.active, attempt.request, attempt.reads
    cells[_ROW] = active.row
    cells[_REPEAT] = active.conversation.repeat
    cells[_TURN] = request.turn
    cells[_CONVERSATION] = active.number
    cells[_ATTEMPT] = attempt.number
    cells[_FINAL] = final
    cells[_PHASE] = attempt.phase
    cells[_WORKER] = worker
    cells[_REPLICA] = replica
    cells[_OUTCOME] = outcome
    if fault is not None:
        cells[_FAULT] = _FAULT_CODES[fault.kind]
        if fault.status is not None:
            cells[_STATUS] = fault.status
    if response.finish_reason is not None:
        cells[_FINISH] = _FINISH_CODES[response.finish_reason]
    cells[_SCHEDULED] = attempt.scheduled
    cells[_DISPATCHED] = attempt.dispatched
    if attempt.sent is not None:
        cells[_SENT] = attempt.sent
    if attempt.first_byte is not None:
        cells[_FIRST_BYTE] = attempt.first_byte
    if reads:
        cells[_FIRST_TOKEN] = reads[0]
        cells[_LAST_TOKEN] = reads[-2]
    if attempt.first_answer is not None:
        cells[_FIRST_ANSWER] = attempt.first_answer
    if attempt.done is not None:
        cells[_DONE] = attempt.done
    cells[_CONNECT] = attempt.connect
    _count_tokens(cells, request, response.usage)
    if response.usage.items is not None:
        _count_items(cells, response)
    if attempt.uploaded:
        cells[_UPLOADED] = attempt.uploaded
    if attempt.upload:
        cells[_UPLOAD] = attempt.upload
    if may_hold_media(request.prompt):
        _count_media(cells, request.prompt.media)
    cells[_EVENTS] = events
    cells[_READS] = len(reads) // 2
    cells[_LABELS] = labels
    return cells


def _count_tokens(cells: array[int], request: Request, usage: Usage) -> None:
    generation = request.generation
    limit = generation.get("max_tokens")
    if limit is None:
        limit = next((generation[name] for name in LIMITS if name in generation), None)
    if type(limit) is int:
        cells[_ASKED_TOKENS] = limit
    if usage.prompt_tokens is not None:
        cells[_PROMPT_TOKENS] = usage.prompt_tokens
    if usage.completion_tokens is not None:
        cells[_COMPLETION_TOKENS] = usage.completion_tokens
    if usage.cached_tokens is not None:
        cells[_CACHED_TOKENS] = usage.cached_tokens
    if usage.reasoning_tokens is not None:
        cells[_REASONING_TOKENS] = usage.reasoning_tokens


def _count_items(cells: array[int], response: Response) -> None:
    cells[_ITEMS] = response.usage.items or 0
    cells[_GENERATES] = response.generated
    if response.usage.audio_ns is not None:
        cells[_AUDIO] = response.usage.audio_ns


def _count_media(cells: array[int], contents: Sequence[Media]) -> None:
    """How much there is to see and hear, as far as the heads of the files tell."""
    sizes: dict[str, list[int | None]] = {}
    for media in contents:
        if media.kind == "image":
            sizes.setdefault("pictures", []).append(1)
            sizes.setdefault("pixels", []).append(media.pixels)
        elif media.kind == "video":
            sizes.setdefault("frames", []).append(media.shows)
            sizes.setdefault("film", []).append(media.lasts)
        else:
            sizes.setdefault("audio", []).append(media.lasts)
    for name, several in sizes.items():
        known = [one for one in several if one is not None]
        if len(known) == len(several) and cells[PLACE[name]] == ABSENT:
            cells[PLACE[name]] = sum(known)


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


def labels(given: Mapping[str, str], redactor: Redactor) -> bytes:
    """The line of one set of labels."""
    return redactor.row(orjson.dumps(dict(given), option=orjson.OPT_APPEND_NEWLINE))


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
    """The prompt: its ids, its text, or its chat with the words in it."""
    prompt = request.prompt
    if prompt.tokens is not None:
        return {"ids": prompt.tokens}
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
