"""Text Generation Inference's API, as its OpenAPI document has it:
https://huggingface.github.io/text-generation-inference. MindIE's routes in this form are alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from aisbench_plugin_simulator.chance import draw
from aisbench_plugin_simulator.dialect import (
    STREAM,
    Dialect,
    Writer,
    read_body,
    sse,
    table,
    text_asked,
)
from aisbench_plugin_simulator.logprobs import made
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.text_media import of_inputs, of_markdown, with_parts
from aisbench_plugin_simulator.tokens import fragments, id_of, raw

DEFAULT_NEW_TOKENS = 100
_KINDS = {422: "validation", 424: "generation", 429: "overloaded", 500: "incomplete_generation"}


def _begin(stream: bool) -> Any:
    def begin(
        body: bytes, route: Mapping[str, str], settings: SimulatorSettings
    ) -> tuple[ParsedRequest, Writer]:
        data = read_body(body)
        parameters = table(data, "parameters")
        _validate(parameters)
        inputs, media = of_inputs(data.get("inputs"))
        if not media:
            inputs, media = of_markdown(inputs)
        asked = text_asked(
            settings,
            inputs,
            model=settings.model[0],
            most=parameters.get("max_new_tokens"),
            default=DEFAULT_NEW_TOKENS,
            stop=parameters.get("stop"),
            seed=parameters.get("seed"),
            stream=stream,
            # MindIE has the setting on this route; TGI ignores it.
            ignore_eos=parameters.get("ignore_eos"),
            keep_stop=True,
            status=422,
        )
        asked = with_parts(asked, media)
        return asked, TgiWriter(asked, parameters, settings)

    return begin


def _validate(parameters: Mapping[str, Any]) -> None:
    """The rules that clients trip over."""
    temperature, top_p = parameters.get("temperature"), parameters.get("top_p")
    if temperature is not None and temperature <= 0:
        raise Refusal(422, "Input validation error: `temperature` must be strictly positive")
    if top_p is not None and not 0 < top_p < 1:
        raise Refusal(422, "Input validation error: `top_p` must be > 0.0 and < 1.0")


def error_body(refusal: Refusal) -> bytes:
    """``{"error", "error_type"}``."""
    kind = _KINDS.get(refusal.status, "unknown")
    return orjson.dumps({"error": refusal.message, "error_type": kind})


WHOLE = Dialect(_begin(stream=False), error_body)
STREAMED = Dialect(_begin(stream=True), error_body)


class TgiWriter:
    """One event a token; the last has the text as a whole, and details."""

    content_type = STREAM

    def __init__(
        self, asked: ParsedRequest, parameters: Mapping[str, Any], settings: SimulatorSettings
    ) -> None:
        self._asked = asked
        self._details = bool(parameters.get("details"))
        self._top = int(parameters.get("top_n_tokens") or 0)
        self._prefill = bool(parameters.get("decoder_input_details"))
        self._seed = settings.seed
        self._index = 0

    def counted(self, asked: ParsedRequest) -> None:
        """See :class:`aisbench_plugin_simulator.dialect.PromptCounting`."""
        self._asked = asked

    def opening(self, answer: SimulatedReply) -> bytes:
        return b""

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        return self._event(text, False, None, None)

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        full = "".join(answer.content)
        return self._event(text or "</s>", not text, full, self._all(answer, whole=False))

    def closing(self, answer: SimulatedReply) -> bytes:
        return b""

    def failing(self, refusal: Refusal) -> bytes:
        return b"data:" + error_body(refusal) + b"\n\n"

    def whole(self, answer: SimulatedReply) -> bytes:
        body: dict[str, Any] = {"generated_text": "".join(answer.content)}
        if self._details:
            body["details"] = self._all(answer, whole=True)
        return orjson.dumps(body)

    def _event(self, text: str, special: bool, full: str | None, details: Any) -> bytes:
        self._index += 1
        token, tops = self._token(text, self._index, special)
        event = {"index": self._index, "token": token, "generated_text": full, "details": details}
        return sse(event | ({"top_tokens": tops} if self._top else {}), b"data:")

    def _token(
        self, text: str, place: int, special: bool = False
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """A token, and the likeliest at its place."""
        (told,) = made(self._seed, [text], place, self._top)
        token = {"id": place, "text": text, "logprob": told["logprob"], "special": special}
        tops = [
            {"id": place, "text": one["token"], "logprob": one["logprob"], "special": False}
            for one in told["top_logprobs"]
        ]
        return token, tops

    def _all(self, answer: SimulatedReply, *, whole: bool) -> dict[str, Any]:
        reason = "length" if answer.finish == "length" else "eos_token"
        details: dict[str, Any] = {
            "finish_reason": "stop_sequence" if answer.stop_reason else reason,
            "generated_tokens": answer.tokens,
            "seed": self._asked.seed,
        }
        if not whole:
            return {**details, "input_length": self._asked.prompt_tokens}
        tokens = fragments(self._asked.question) if self._prefill else []
        details["prefill"] = [
            {
                "id": id_of(token),
                "text": raw(token),
                "logprob": None if not place else self._value(place),
            }
            for place, token in enumerate(tokens)
        ]
        made_here = [self._token(text, place) for place, text in enumerate(answer.content, 1)]
        details["tokens"] = [token for token, _ in made_here]
        if self._top:
            details["top_tokens"] = [tops for _, tops in made_here]
        return details

    def _value(self, place: int) -> float:
        return -4 * draw(self._seed, "prefill", self._asked.question, place)
