"""What both endpoints have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aisbench.api import HttpRequest, JsonObject, Media, Request, Response, ServedModel
from aisbench.codec import (
    EventDecoder,
    Preparation,
    Wanted,
    asked_logprobs,
    get_json,
    loads,
    post_file,
    post_json,
    stop_strings,
)
from aisbench_plugin_vllm.adapters import check_adapters, model_keys
from aisbench_plugin_vllm.generation_keys import cut_strings, refused
from aisbench_plugin_vllm.known_keys import unknown
from aisbench_plugin_vllm.media_limits import media_limits
from aisbench_plugin_vllm.openai_collector import OpenAiCollector
from aisbench_plugin_vllm.served_models import context_of_props, listed_models, of_llama_cpp
from aisbench_plugin_vllm.server_tokenizer import ServerTokenizer
from aisbench_plugin_vllm.settings import OpenAiSettings

PROTOCOL = "an OpenAI-compatible API"
END = "a finish_reason or [DONE]"


class OpenAiService:
    """Requests are the `OpenAI API's <https://platform.openai.com/docs/api-reference>`_, with
    vLLM's `extra parameters
    <https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html#extra-parameters>`_ at
    the top level, where every server of this family reads its own.

    ``encode`` and ``decoder`` are those of a request of which nothing is asked before: a
    continuation is then found by the texts of its tokens, where these tell.
    """

    open_ended: ClassVar[bool] = True
    """See :class:`aisbench.api.TellingBackend`."""
    chats: ClassVar[bool] = False
    """Whether it is the chat endpoint, which has two names for the longest answer."""

    def __init__(
        self, settings: OpenAiSettings, path: str, route: str, tokenize: str = ""
    ) -> None:
        self._settings = settings
        self._path = path
        self._tokenizer = ServerTokenizer(tokenize)
        # A server with another prefix has it before all routes.
        prefix = path[: -len(route)] if path.endswith(route) else "/v1"
        self._models_path = f"{prefix}/models"
        self._files_path = f"{prefix}/files"

    def setting_of(self, key: str) -> str | None:
        """See :class:`aisbench.api.SettingBackend`."""
        return {
            "seed": "send_seed = false",
            "stream_options": "usage = false",
            "include_usage": "usage = false",
            "max_tokens": 'max_tokens_name = "max_completion_tokens"' if self.chats else None,
        }.get(key)

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return [self._path]

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return refused(generation)

    def doubted(self, generation: JsonObject) -> Mapping[str, str]:
        """See :class:`aisbench.api.DoubtingBackend`."""
        return unknown(generation)

    def prepare(self, request: Request) -> Preparation | None:
        """See :class:`aisbench.codec.PreparingBackend`: the ids of a continuation's context."""
        if request.prompt.continuation is None or not self._tokenizer.offered:
            return None
        return self._prepared(request)

    def _prepared(self, request: Request) -> Preparation:
        raise NotImplementedError

    def decoder(self, request: Request) -> EventDecoder:
        prompt = request.prompt
        if prompt.continuation is None:
            answer = OpenAiCollector(logprobs=asked_logprobs(request.generation))
            return EventDecoder(answer, PROTOCOL, END, cut_strings(request))
        wanted = Wanted(
            context=prompt.text,
            continuation=prompt.continuation,
            between=prompt.border != "shared",
        )
        return self._scorer(wanted)

    def _scorer(self, wanted: Wanted, earlier: tuple[Response, ...] = ()) -> EventDecoder:
        return EventDecoder(OpenAiCollector(wanted, earlier), PROTOCOL, END)

    def models_request(self) -> HttpRequest | None:
        return get_json(self._models_path)

    def health_requests(self) -> Sequence[HttpRequest]:
        """``/health`` of vLLM, SGLang and llama.cpp; see
        :class:`aisbench.api.WatchedBackend`."""
        return [HttpRequest(method="GET", path="/health")]

    def parse_models(self, body: bytes) -> Sequence[str]:
        """The ids of `the list <https://platform.openai.com/docs/api-reference/models/list>`_;
        vLLM names its LoRA adapters there too."""
        return [one.name for one in self.served_models(body)]

    def served_models(self, body: bytes) -> Sequence[ServedModel]:
        """See :class:`aisbench.api.TellingBackend`."""
        return listed_models(body)

    def context_request(self, body: bytes) -> HttpRequest | None:
        """llama.cpp lists the context that its model was trained with; its own is elsewhere."""
        return HttpRequest(method="GET", path="/props") if of_llama_cpp(body) else None

    def parse_context(self, body: bytes) -> int | None:
        """See :class:`aisbench.api.TellingBackend`."""
        return context_of_props(body)

    def media_limits(self, command: Sequence[str]) -> Mapping[str, int]:
        """See :class:`aisbench.api.LimitedBackend`: of a server of vLLM."""
        return media_limits(command)

    def upload_request(self, media: Media, content: bytes) -> HttpRequest:
        """See :class:`aisbench.api.UploadingBackend`: `/v1/files
        <https://platform.openai.com/docs/api-reference/files/create>`_."""
        ending = media.mime.partition("/")[2].removeprefix("x-") or "bin"
        purpose = "vision" if media.kind == "image" else "user_data"
        name = f"{media.sha256[:16]}.{'jpg' if ending == 'jpeg' else ending}"
        return post_file(self._files_path, {"purpose": purpose}, name, media.mime, content)

    def parse_upload(self, body: bytes) -> str:
        """See :class:`aisbench.api.UploadingBackend`."""
        told = loads(body)
        number = told.get("id") if isinstance(told, dict) else None
        if not isinstance(number, str) or not number:
            raise ValueError("the answer has no `id`")
        return number

    def check_adapters(self, body: bytes, adapters: Sequence[str]) -> None:
        """See :class:`aisbench.api.AdapterBackend`."""
        check_adapters(body, adapters, self._settings.adapter_as)

    def _model(self, request: Request) -> dict[str, Any]:
        return model_keys(request, self._settings.adapter_as)

    def _http(
        self,
        request: Request,
        prompt: dict[str, Any],
        generation: JsonObject,
        path: str | None = None,
    ) -> HttpRequest:
        generation = {key: value for key, value in generation.items() if key != "adapter_id"}
        body = self._model(request)
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
        return post_json(self._path if path is None else path, body, stream=stream)
