"""What a protocol is to the simulator: a reader of requests and a writer of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import orjson
from attrs import frozen

from aisbench_plugin_simulator.checking import json_object
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal, error_body
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import count_tokens

STREAM = "text/event-stream; charset=utf-8"


class Writer(Protocol):
    """Encodes the answer to one request."""

    content_type: str
    """Of a stream."""

    def opening(self, answer: SimulatedReply) -> bytes:
        """What precedes the first event."""

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        """An event with ``text``; ``tokens`` were made so far, these included."""

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        """The event that ends the answer; its ``text`` may be empty."""

    def closing(self, answer: SimulatedReply) -> bytes:
        """What follows the last event."""

    def failing(self, refusal: Refusal) -> bytes:
        """An error in the middle of a stream."""

    def whole(self, answer: SimulatedReply) -> bytes:
        """The body of an answer that is not streamed."""


@runtime_checkable
class PromptCounting(Protocol):
    """A writer whose requests may hold media, whose tokens are known after they were read."""

    def counted(self, asked: ParsedRequest) -> None:
        """``asked`` with all of its prompt's tokens."""


@frozen
class Dialect:
    """``begin`` reads a body (with the parts of the route) and raises Refusal; ``error`` is the
    body of an error status."""

    begin: Callable[[bytes, Mapping[str, str], SimulatorSettings], tuple[ParsedRequest, Writer]]
    error: Callable[[Refusal], bytes]
    openai: bool = False
    """It is OpenAI's API: its errors have the form that the settings ask for."""

    def error_of(self, refusal: Refusal, settings: SimulatorSettings) -> bytes:
        """The body of an error status."""
        return error_body(refusal, settings) if self.openai else self.error(refusal)


def sse(value: Mapping[str, Any], mark: bytes = b"data: ") -> bytes:
    """A server-sent event."""
    return mark + orjson.dumps(value) + b"\n\n"


def plain_error(refusal: Refusal) -> bytes:
    """``{"error": "..."}``."""
    return orjson.dumps({"error": refusal.message})


def read_body(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises Refusal."""
    return json_object(body)


def table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A nested table, {} where there is none. Raises Refusal."""
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal(422, f"`{name}` must be an object")
    return value


def _question(prompt: object, status: int) -> tuple[str, int]:
    """The text of a prompt, empty for ids, and how many tokens it has."""
    if isinstance(prompt, str) and prompt:
        return prompt, count_tokens(prompt)
    if isinstance(prompt, list) and prompt and all(type(one) is int for one in prompt):
        return "", len(prompt)
    raise Refusal(status, "the prompt must be a text that is not empty")


def text_asked(
    settings: SimulatorSettings,
    prompt: object,
    *,
    model: str,
    most: object,
    default: int,
    stop: object = None,
    seed: object = None,
    stream: bool = False,
    ignore_eos: object = False,
    keep_stop: bool = False,
    status: int = 400,
) -> ParsedRequest:
    """A request of a protocol for plain text (or token ids). Raises Refusal with ``status``."""
    question, count = _question(prompt, status)
    if most is None:
        most = default
    if type(most) is not int or most < 1:
        raise Refusal(status, f"`max_new_tokens` must be a number above 0, not {most!r}")
    if count + most > settings.max_model_len:
        raise Refusal(
            status,
            f"`inputs` tokens + `max_new_tokens` must be <= {settings.max_model_len}. Given: "
            f"{count} `inputs` tokens and {most} `max_new_tokens`",
        )
    stops = [stop] if isinstance(stop, str) else stop or []
    if not (isinstance(stops, list) and all(isinstance(one, str) for one in stops)):
        raise Refusal(status, "stop strings must be a list of texts")
    return ParsedRequest(
        chat=False,
        model=model,
        question=question,
        prompt_tokens=count,
        max_tokens=most,
        min_tokens=most if ignore_eos else 0,
        stop=tuple(stops),
        keep_stop=keep_stop,
        seed=seed if type(seed) is int else None,
        stream=stream,
        usage=False,
        usage_always=False,
    )
