"""Triton's generate extension and tensors, as Triton 2.51 answered with Python models; with
``parameters.details`` also MindIE's answers on these routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from aisbench_plugin_simulator.dialect import (
    STREAM,
    Dialect,
    Writer,
    plain_error,
    read_body,
    sse,
    table,
    text_asked,
)
from aisbench_plugin_simulator.parsed_request import ParsedRequest
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.reply import SimulatedReply
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import SIMULATOR
from aisbench_plugin_simulator.text_media import of_pictures, with_parts

DEFAULT_TOKENS = 16


def _model(route: Mapping[str, str], settings: SimulatorSettings) -> str:
    name = route["model"]
    if name not in settings.model or route.get("version", "1") != "1":
        raise Refusal(404, f"Request for unknown model: '{name}' is not found")
    return name


def _generate(stream: bool) -> Any:
    def begin(
        body: bytes, route: Mapping[str, str], settings: SimulatorSettings
    ) -> tuple[ParsedRequest, Writer]:
        model = _model(route, settings)
        data = read_body(body)
        nested = table(data, "parameters")
        sampling = _sampling(data, nested)
        asked = text_asked(
            settings,
            data.get("text_input"),
            model=model,
            most=sampling.get("max_tokens", sampling.get("max_new_tokens")),
            default=DEFAULT_TOKENS,
            stop=sampling.get("stop_words", sampling.get("stop")),
            seed=sampling.get("random_seed", sampling.get("seed")),
            stream=stream,
            ignore_eos=sampling.get("ignore_eos"),
        )
        asked = with_parts(asked, of_pictures(data.get("image")))
        return asked, TritonWriter(asked, data, bool(nested.get("details")))

    return begin


def _sampling(data: Mapping[str, Any], nested: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs at the top level, request parameters, and vLLM's text of JSON."""
    text = data.get("sampling_parameters")
    try:
        written = orjson.loads(text) if isinstance(text, str) else {}
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"sampling_parameters is not JSON: {error}") from None
    return {**data, **nested, **written}


class TritonWriter:
    """An event with the new text each; no mark of the end."""

    content_type = STREAM

    def __init__(self, asked: ParsedRequest, data: Mapping[str, Any], details: bool) -> None:
        self._asked = asked
        self._details = details
        self._data = data
        self._head: dict[str, Any] = {"model_name": asked.model, "model_version": "1"}
        if "id" in data:
            self._head = {"id": data["id"], **self._head}
        self._before = 0

    def counted(self, asked: ParsedRequest) -> None:
        """See :class:`aisbench_plugin_simulator.dialect.PromptCounting`."""
        self._asked = asked

    def opening(self, answer: SimulatedReply) -> bytes:
        return b""

    def event(self, text: str, reasoning: bool, tokens: int) -> bytes:
        return sse(self._values(text, tokens, None))

    def last(self, text: str, reasoning: bool, answer: SimulatedReply) -> bytes:
        told = self._details or self._data.get("return_finish_reason")
        return sse(self._values(text, answer.tokens, answer)) if text or told else b""

    def closing(self, answer: SimulatedReply) -> bytes:
        return b""

    def failing(self, refusal: Refusal) -> bytes:
        return sse({"error": refusal.message})

    def whole(self, answer: SimulatedReply) -> bytes:
        return orjson.dumps(self._values("".join(answer.content), answer.tokens, answer))

    def _values(self, text: str, tokens: int, answer: SimulatedReply | None) -> dict[str, Any]:
        values = {**self._head, "text_output": text}
        new, self._before = tokens - self._before, tokens
        if self._data.get("return_num_output_tokens"):
            values["num_output_tokens"] = new
        if self._data.get("return_num_input_tokens"):
            values["num_input_tokens"] = self._asked.prompt_tokens
        if self._data.get("return_finish_reason"):
            values["finish_reason"] = answer.finish if answer else "null"
        if self._details:
            values["details"] = {"generated_tokens": tokens, "first_token_cost": None}
            if answer is not None:
                reason = "length" if answer.finish == "length" else "eos_token"
                values["details"]["finish_reason"] = reason
        return values


def _infer(
    body: bytes, route: Mapping[str, str], settings: SimulatorSettings
) -> tuple[ParsedRequest, Writer]:
    model = _model(route, settings)
    data = read_body(body)
    tensors: dict[str, Any] = {}
    inputs = data.get("inputs")
    for one in inputs if isinstance(inputs, list) else ():
        if isinstance(one, dict) and isinstance(one.get("data"), list):
            tensors[str(one.get("name"))] = one["data"]
    sampling = {**table(data, "parameters"), **{k: v[0] for k, v in tensors.items() if v}}
    asked = text_asked(
        settings,
        sampling.get("text_input"),
        model=model,
        most=sampling.get("max_tokens"),
        default=DEFAULT_TOKENS,
        stop=tensors.get("stop_words"),
        seed=sampling.get("random_seed", sampling.get("seed")),
    )
    return asked, TensorWriter(asked, data)


class TensorWriter(TritonWriter):
    """The answer as a tensor; this route cannot stream."""

    def __init__(self, asked: ParsedRequest, data: Mapping[str, Any]) -> None:
        super().__init__(asked, data, details=False)

    def whole(self, answer: SimulatedReply) -> bytes:
        text = "".join(answer.content)
        tensor = {"name": "text_output", "datatype": "BYTES", "shape": [1, 1], "data": [text]}
        return orjson.dumps({**self._head, "outputs": [tensor]})


WHOLE = Dialect(_generate(stream=False), plain_error)
STREAMED = Dialect(_generate(stream=True), plain_error)
INFER = Dialect(_infer, plain_error)


async def index(request: web.Request) -> web.Response:
    """POST /v2/repository/index."""
    models = request.app[SIMULATOR].settings.model
    found = [{"name": name, "version": "1", "state": "READY"} for name in models]
    return web.Response(body=orjson.dumps(found), content_type="application/json")


async def server(request: web.Request) -> web.Response:
    """GET /v2."""
    about = {"name": "triton", "version": "2.51.0", "extensions": ["parameters"]}
    return web.Response(body=orjson.dumps(about), content_type="application/json")


async def ready(request: web.Request) -> web.Response:
    """GET /v2/health/live, /v2/health/ready."""
    return web.Response()


async def metadata(request: web.Request) -> web.Response:
    """GET /v2/models/NAME."""
    name = request.match_info["model"]
    if name not in request.app[SIMULATOR].settings.model:
        body = plain_error(Refusal(404, f"Request for unknown model: '{name}' is not found"))
        return web.Response(status=404, body=body, content_type="application/json")
    text = {"datatype": "BYTES", "shape": [-1]}
    about = {
        "name": name,
        "versions": ["1"],
        "platform": "python",
        "inputs": [{"name": "text_input", **text}],
        "outputs": [{"name": "text_output", **text}],
    }
    return web.Response(body=orjson.dumps(about), content_type="application/json")
