"""``/generate`` of vLLM's demonstration server: each object has all of the text, the prompt first.
https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/api_server.py"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from aisbench_plugin_simulator import tgi
from aisbench_plugin_simulator.dialect import Dialect, Writer, plain_error, read_body, text_asked
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings

DEFAULT_TOKENS = 16


def _begin(
    body: bytes, route: Mapping[str, str], settings: SimulatorSettings
) -> tuple[ParsedRequest, Writer]:
    """``/generate`` is TGI's route as well, whose prompt is called ``inputs``."""
    data = read_body(body)
    if "inputs" in data:
        return tgi.WHOLE.begin(body, route, settings)
    asked = text_asked(
        settings,
        data.get("prompt"),
        model=settings.model[0],
        most=data.get("max_tokens"),
        default=DEFAULT_TOKENS,
        stop=data.get("stop"),
        seed=data.get("seed"),
        stream=data.get("stream") is True,
        ignore_eos=data.get("ignore_eos"),
        keep_stop=bool(data.get("include_stop_str_in_output")),
    )
    return asked, OldWriter(asked)


def _error(refusal: Refusal) -> bytes:
    return tgi.error_body(refusal) if refusal.status == 422 else plain_error(refusal)


GENERATE = Dialect(_begin, _error)


class OldWriter:
    """A line for each state of the text."""

    content_type = "text/plain; charset=utf-8"

    def __init__(self, asked: ParsedRequest) -> None:
        self._text = asked.question

    def opening(self, answer: SimulatedReply) -> bytes:
        return b""

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        self._text += text
        return orjson.dumps({"text": [self._text]}) + b"\n"

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        return self.event(text, reasoning, answer.tokens) if text else b""

    def closing(self, answer: SimulatedReply) -> bytes:
        return b""

    def failing(self, refusal: Refusal) -> bytes:
        return plain_error(refusal) + b"\n"

    def whole(self, answer: SimulatedReply) -> bytes:
        body: dict[str, Any] = {"text": [self._text + "".join(answer.content)]}
        return orjson.dumps(body)
