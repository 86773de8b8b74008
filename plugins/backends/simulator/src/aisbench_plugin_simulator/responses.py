"""OpenAI's Responses API, in the form in which vLLM and transformers serve answer it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import orjson

from aisbench_plugin_simulator.asking import read_request
from aisbench_plugin_simulator.dialect import STREAM, Dialect, Writer, read_body
from aisbench_plugin_simulator.logprobs import made
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import split_tokens


def _begin(
    body: bytes, route: Mapping[str, str], settings: SimulatorSettings
) -> tuple[ParsedRequest, Writer]:
    data = read_body(body)
    given = data.pop("input", None)
    data["messages"] = [{"role": "user", "content": given}] if isinstance(given, str) else given
    if "max_output_tokens" in data:
        data["max_tokens"] = data.pop("max_output_tokens")
    data["logprobs"] = "message.output_text.logprobs" in (data.get("include") or ())
    asked = read_request(orjson.dumps(data), chat=True, settings=settings)
    return attrs.evolve(asked, usage=False), ResponsesWriter(asked, settings.seed)


RESPONSES = Dialect(_begin, Refusal.body, openai=True)


class ResponsesWriter:
    """Events by their types; the last holds the response as a whole."""

    content_type = STREAM

    def __init__(self, asked: ParsedRequest, seed: int = 0) -> None:
        self._asked = asked
        self._seed = seed
        self._number = 0
        self._base = {
            "id": f"resp_{os.urandom(8).hex()}",
            "object": "response",
            "created_at": int(time.time()),
            "model": asked.model,
        }

    def opening(self, answer: SimulatedReply) -> bytes:
        response = {**self._base, "status": "in_progress", "output": []}
        return self._event("response.created", response=response)

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        kind = "response.reasoning_text.delta" if reasoning else "response.output_text.delta"
        parts = split_tokens(text)
        told = self._told(parts, max(0, tokens - len(parts))) or []
        return self._event(kind, output_index=0, content_index=0, delta=text, logprobs=told)

    def _told(self, tokens: Sequence[str], first: int) -> list[dict[str, Any]] | None:
        count = self._asked.own_logprobs
        return None if count is None else made(self._seed, tokens, first, count)

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        return self.event(text, reasoning, answer.tokens) if text else b""

    def closing(self, answer: SimulatedReply) -> bytes:
        done = "response.incomplete" if answer.finish == "length" else "response.completed"
        return self._event(done, response=self._response(answer))

    def failing(self, refusal: Refusal) -> bytes:
        return self._event("error", code="server_error", message=refusal.message, param=None)

    def whole(self, answer: SimulatedReply) -> bytes:
        return orjson.dumps(self._response(answer))

    def _event(self, kind: str, **values: Any) -> bytes:
        self._number += 1
        data = orjson.dumps({"type": kind, "sequence_number": self._number - 1, **values})
        return b"event: " + kind.encode() + b"\ndata: " + data + b"\n\n"

    def _response(self, answer: SimulatedReply) -> dict[str, Any]:
        text: dict[str, Any] = {"type": "output_text", "text": "".join(answer.content)}
        text["annotations"] = []
        text["logprobs"] = self._told(answer.content, len(answer.reasoning))
        output: list[dict[str, Any]] = []
        if answer.reasoning:
            thought = {"type": "reasoning_text", "text": "".join(answer.reasoning)}
            output.append({"type": "reasoning", "summary": [], "content": [thought]})
        message = {"type": "message", "role": "assistant", "status": "completed"}
        output.append({**message, "content": [text]})
        cut = answer.finish == "length"
        return {
            **self._base,
            "status": "incomplete" if cut else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "output": output,
            "usage": {
                "input_tokens": self._asked.prompt_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": answer.tokens,
                "output_tokens_details": {"reasoning_tokens": len(answer.reasoning)},
                "total_tokens": self._asked.prompt_tokens + answer.tokens,
            },
        }
