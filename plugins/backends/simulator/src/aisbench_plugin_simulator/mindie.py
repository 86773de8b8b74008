"""MindIE's own routes, in the form of its documentation:
https://www.hiascend.com/document/detail/zh/mindie/21RC1/mindieservice/servicedev/mindie_service0010.html
(/infer) and .../22RC1/mindiellm/llmdev/mindie_service0091.html (/infer_token)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from aisbench_plugin_simulator.dialect import (
    STREAM,
    Dialect,
    Writer,
    read_body,
    sse,
    table,
    text_asked,
)
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.text_media import of_inputs, with_parts

DEFAULT_NEW_TOKENS = 20


def _begin(key: str) -> Any:
    def begin(
        body: bytes, route: Mapping[str, str], settings: SimulatorSettings
    ) -> tuple[ParsedRequest, Writer]:
        data = read_body(body)
        parameters = table(data, "parameters")
        inputs, media = of_inputs(data.get(key))
        asked = text_asked(
            settings,
            inputs,
            model=settings.model[0],
            most=parameters.get("max_new_tokens"),
            default=DEFAULT_NEW_TOKENS,
            stop=parameters.get("stop"),
            seed=parameters.get("seed"),
            stream=data.get("stream") is True,
            ignore_eos=parameters.get("ignore_eos"),
            keep_stop=bool(parameters.get("include_stop_str_in_output")),
            status=422,
        )
        asked = with_parts(asked, media)
        return asked, MindieWriter(asked, bool(parameters.get("details")))

    return begin


def _error(refusal: Refusal) -> bytes:
    kind = "Input Validation Error" if refusal.status == 422 else "Incomplete Generation"
    return orjson.dumps({"error": refusal.message, "error_type": kind})


INFER = Dialect(_begin("inputs"), _error)
INFER_TOKEN = Dialect(_begin("input_id"), _error)


class MindieWriter:
    """An event a token; the last has the text as a whole, and details."""

    content_type = STREAM

    def __init__(self, asked: ParsedRequest, details: bool) -> None:
        self._asked = asked
        self._details = details
        self._number = 0

    def opening(self, answer: SimulatedReply) -> bytes:
        return b""

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        return sse(self._token(text, tokens))

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        ending: dict[str, Any] = {"generated_text": "".join(answer.content)}
        if self._details:
            ending["details"] = self._all(answer)
        return sse({**self._token(text or None, answer.tokens), **ending})

    def closing(self, answer: SimulatedReply) -> bytes:
        return b""

    def failing(self, refusal: Refusal) -> bytes:
        return b"data: " + _error(refusal) + b"\n\n"

    def whole(self, answer: SimulatedReply) -> bytes:
        body: dict[str, Any] = {"generated_text": "".join(answer.content)}
        if self._details:
            body["details"] = self._all(answer)
        return orjson.dumps(body)

    def _token(self, text: str | None, tokens: int) -> dict[str, Any]:
        first, new = self._number == 0, max(0, tokens - self._number)
        ids = list(range(self._number, self._number + new))
        self._number = tokens
        return {
            "prefill_time": 1.0 if first else None,
            "decode_time": None if first else 1.0,
            "token": {"id": ids, "text": text},
        }

    def _all(self, answer: SimulatedReply) -> dict[str, Any]:
        reason = "length" if answer.finish == "length" else "eos_token"
        return {
            "finish_reason": "stop_sequence" if answer.stop_reason else reason,
            "generated_tokens": answer.tokens,
            "seed": self._asked.seed,
        }
