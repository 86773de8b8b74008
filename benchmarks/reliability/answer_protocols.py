"""How each protocol writes an answer that nothing is wrong with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from attrs import define

Json = dict[str, Any]
DONE = b"data: [DONE]\n\n"


@define
class Protocol:
    """How one protocol writes an answer."""

    backend: str
    chat: bool
    done: bool
    """Streams end with ``[DONE]``."""
    ended: bool
    """Streams have an end of their own."""
    whole: Callable[[str], Json]
    events: Callable[[Sequence[str]], list[Json]]
    streams: bool = True


def _choice(chat: bool, text: str, reason: str | None, stream: bool) -> Json:
    if not chat:
        return {"index": 0, "text": text, "finish_reason": reason}
    key = "delta" if stream else "message"
    return {"index": 0, key: {"content": text}, "finish_reason": reason}


def _openai(chat: bool) -> Protocol:
    def whole(text: str) -> Json:
        return {
            "id": "c", "model": "m", "choices": [_choice(chat, text, "stop", False)],
            "usage": {"prompt_tokens": 5, "completion_tokens": 4},
        }  # fmt: skip

    def events(pieces: Sequence[str]) -> list[Json]:
        base = {"id": "c", "object": "chunk", "model": "m"}
        made: list[Json] = [
            {**base, "choices": [_choice(chat, one, None, True)]} for one in pieces
        ]
        made.append({**base, "choices": [_choice(chat, "", "stop", True)]})
        usage = {"prompt_tokens": 5, "completion_tokens": len(pieces)}
        return [*made, {**base, "choices": [], "usage": usage}]

    return Protocol("vllm-chat" if chat else "vllm-completions", chat, True, True, whole, events)


def _response(text: str) -> Json:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {
        "object": "response", "status": "completed", "model": "m",
        "output": [{"type": "message", "role": "assistant", "content": [part]}],
        "usage": {"input_tokens": 5, "output_tokens": 4},
    }  # fmt: skip


def _response_events(pieces: Sequence[str]) -> list[Json]:
    made = [{"type": "response.created", "response": {"object": "response", "output": []}}]
    made += [{"type": "response.output_text.delta", "delta": one} for one in pieces]
    return [*made, {"type": "response.completed", "response": _response("".join(pieces))}]


def _details(count: int) -> Json:
    return {"finish_reason": "eos_token", "generated_tokens": count, "input_length": 5}


def _token_events(pieces: Sequence[str]) -> list[Json]:
    made: list[Json] = [
        {"token": {"id": place, "text": one, "special": False}, "generated_text": None}
        for place, one in enumerate(pieces)
    ]
    made[-1] |= {"generated_text": "".join(pieces), "details": _details(len(pieces))}
    return made


def _generated(text: str) -> Json:
    return {"generated_text": text, "details": _details(4)}


PROTOCOLS = (
    _openai(True),
    _openai(False),
    Protocol("openai-responses", True, False, True, _response, _response_events),
    Protocol("tgi-generate", False, False, True, _generated, _token_events),
    Protocol("mindie-infer", False, False, True, _generated, _token_events),
    Protocol(
        "triton-generate", False, False, False,
        lambda text: {"model_name": "m", "text_output": text},
        lambda pieces: [{"model_name": "m", "text_output": one} for one in pieces],
    ),
    Protocol(
        "triton-infer", False, False, False,
        lambda text: {"outputs": [{"name": "text_output", "datatype": "BYTES", "data": [text]}]},
        lambda pieces: [], streams=False,
    ),
)  # fmt: skip
