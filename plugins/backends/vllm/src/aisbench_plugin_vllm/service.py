"""What both endpoints have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aisbench.api import HttpRequest, JsonObject, Request
from aisbench.codec import EventDecoder, dumps, loads, stop_strings
from aisbench_plugin_vllm.answer import Answer
from aisbench_plugin_vllm.generation import cut_strings, refused
from aisbench_plugin_vllm.scoring import Wanted
from aisbench_plugin_vllm.settings import OpenAiSettings

_JSON = "application/json"
PROTOCOL = "an OpenAI-compatible API"
END = "a finish_reason or [DONE]"


class OpenAiService:
    """Requests are the `OpenAI API's <https://platform.openai.com/docs/api-reference>`_, with
    vLLM's `extra parameters
    <https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#extra-parameters>`_ at
    the top level, where every server of this family reads its own."""

    def __init__(self, settings: OpenAiSettings, path: str, route: str) -> None:
        self._settings = settings
        self._path = path
        # A server with another prefix has it before all routes.
        self._models_path = (
            path[: -len(route)] + "/models" if path.endswith(route) else "/v1/models"
        )

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return refused(generation)

    def decoder(self, request: Request) -> EventDecoder:
        continuation = request.prompt.continuation
        wanted = None
        if continuation is not None:
            wanted = Wanted(request.prompt.text, continuation)
        return EventDecoder(Answer(wanted), PROTOCOL, END, cut_strings(request))

    def models_request(self) -> HttpRequest | None:
        return HttpRequest(method="GET", path=self._models_path, headers={"Accept": _JSON})

    def parse_models(self, body: bytes) -> Sequence[str]:
        """The ids of `the list <https://platform.openai.com/docs/api-reference/models/list>`_;
        vLLM names its LoRA adapters there too."""
        answer = loads(body)
        models = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(models, list):
            raise ValueError("the answer is not an OpenAI list of models")
        names: list[str] = []
        for model in models:
            name = model.get("id") if isinstance(model, dict) else None
            if not (isinstance(name, str) and name):
                raise ValueError("the list of models holds one without an id")
            names.append(name)
        return names

    def _http(
        self, request: Request, prompt: dict[str, Any], generation: JsonObject
    ) -> HttpRequest:
        generation = dict(generation)
        # vLLM and SGLang serve a LoRA adapter as a model of its own name.
        model = generation.pop("adapter_id", None) or request.model
        body: dict[str, Any] = {"model": model} if model else {}
        body.update(prompt)
        stream = request.stream and request.prompt.continuation is None
        if request.prompt.continuation is None:
            if request.seed is not None and self._settings.send_seed:
                body["seed"] = request.seed
            body.update(generation)
            if stop := stop_strings(request):
                body["stop"] = stop
        body["stream"] = stream
        if stream and self._settings.usage:
            body["stream_options"] = {"include_usage": True}
        accept = f"text/event-stream, {_JSON}" if stream else _JSON
        return HttpRequest(
            method="POST",
            path=self._path,
            body=dumps(body),
            headers={"Content-Type": _JSON, "Accept": accept},
        )
