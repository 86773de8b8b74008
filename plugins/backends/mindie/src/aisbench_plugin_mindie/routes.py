"""MindIE's routes. There was no server to try them on: the forms are those of its documentation,
https://www.hiascend.com/document/detail/zh/mindie/21RC1/mindieservice/servicedev/mindie_service0010.html
and the pages of the single routes beside it (named at each class)."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import ClassVar

from aisbench.api import HttpRequest, JsonObject, JsonValue, Request
from aisbench.codec import (
    EventDecoder,
    Names,
    get_json,
    greedy_by_flag,
    openai_models,
    parts_in_a_row,
    plain_text,
    post_json,
    stop_strings,
)
from aisbench_plugin_mindie.collector import MindieCollector
from aisbench_plugin_mindie.settings import MindieSettings

MOST_MEDIA = 20
"""In one request."""
END = "generated_text or a finish_reason"

NAMES = Names(
    protocol="MindIE",
    known=frozenset(
        {
            "adapter_id", "do_sample", "frequency_penalty", "ignore_eos",
            "include_stop_str_in_output", "max_new_tokens", "presence_penalty", "priority",
            "repetition_penalty", "skip_special_tokens", "stop_token_ids", "temperature",
            "timeout", "top_k", "top_p", "truncate", "typical_p", "watermark",
        }
    ),
    renamed={"max_tokens": "max_new_tokens"},
    advice={
        "details": "it is always asked for: token counts come from it",
        "return_full_text": "leave it out: the answer would begin with the prompt",
        "batch_size": "it is the server's to set",
        "logprobs": "this route tells none: use vllm-chat or vllm-completions at MindIE's "
        "OpenAI routes",
    },
)  # fmt: skip


class MindieRoute:
    """What the routes have in common: ``inputs`` beside ``parameters``."""

    protocol: ClassVar[str]

    def __init__(self, settings: MindieSettings) -> None:
        self._settings = settings

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return NAMES.refused(generation)

    def setting_of(self, key: str) -> str | None:
        """See :class:`aisbench.api.SettingBackend`."""
        return "send_seed = false" if key == "seed" else None

    def decoder(self, request: Request) -> EventDecoder:
        keep = request.generation.get("include_stop_str_in_output")
        cut = () if keep else tuple(stop_strings(request))
        answer = MindieCollector(self._settings.full_text)
        return EventDecoder(answer, self.protocol, END, cut, last=True)

    def models_request(self) -> HttpRequest | None:
        return None

    def parse_models(self, body: bytes) -> Sequence[str]:
        raise ValueError("these routes do not name models")

    def _parameters(self, request: Request) -> dict[str, JsonValue]:
        parameters: dict[str, JsonValue] = {"details": True}
        parameters |= NAMES.translated(request.generation)
        # Of the temperature: "the value must be greater than 0".
        greedy_by_flag(parameters)
        if stop := stop_strings(request):
            parameters["stop"] = list(stop)
        if request.seed is not None and self._settings.send_seed:
            parameters["seed"] = request.seed
        return parameters


class MindieInferBackend(MindieRoute):
    """``/infer``: https://www.hiascend.com/document/detail/zh/mindie/10RC3/mindieservice/
    servicedev/mindie_service0266.html."""

    protocol = "MindIE (/infer)"

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/infer"]

    def encode(self, request: Request) -> HttpRequest:
        body: dict[str, JsonValue] = {
            "inputs": plain_text(request, "/infer"),
            "stream": request.stream,
            "parameters": self._parameters(request),
        }
        return post_json("/infer", body, stream=request.stream)


class MindieTokenBackend(MindieRoute):
    """``/infer_token``: https://www.hiascend.com/document/detail/zh/mindie/22RC1/mindiellm/
    llmdev/mindie_service0091.html."""

    protocol = "MindIE (/infer_token)"

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/infer_token"]

    def encode(self, request: Request) -> HttpRequest:
        ids = request.prompt.tokens
        if ids is None or request.prompt.continuation is not None:
            raise ValueError("/infer_token needs token ids to go on from")
        body: dict[str, JsonValue] = {
            "input_id": list(ids),
            "stream": request.stream,
            "parameters": self._parameters(request),
        }
        return post_json("/infer_token", body, stream=request.stream)


class MindieGenerateBackend(MindieRoute):
    """``/generate`` and ``/generate_stream`` as TGI 0.9.4 has them."""

    protocol = "MindIE (/generate)"

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/generate", "/generate_stream"]

    def encode(self, request: Request) -> HttpRequest:
        body: dict[str, JsonValue] = {
            "inputs": plain_text(request, "/generate"),
            "parameters": self._parameters(request),
        }
        path = "/generate_stream" if request.stream else "/generate"
        return post_json(path, body, stream=request.stream)


class MindieMediaBackend(MindieRoute):
    """``/generate`` and ``/generate_stream`` with pictures, sounds and films: ``inputs`` is then a
    list, https://www.hiascend.com/document/detail/zh/mindie/21RC1/mindieservice/servicedev/
    mindie_service0079.html. At most 20 of them, by path on the server, by address or in base64."""

    protocol = "MindIE (/generate)"

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/generate", "/generate_stream"]

    def encode(self, request: Request) -> HttpRequest:
        parts = parts_in_a_row(request, "/generate")
        count = sum(part.media is not None for part in parts)
        if count > MOST_MEDIA:
            raise ValueError(f"MindIE takes {MOST_MEDIA} pictures, sounds and films, not {count}")
        inputs: list[JsonValue] = []
        for part in parts:
            if part.media is None and not part.text.strip():
                continue  # "must not be empty"
            kind = "text" if part.media is None else f"{part.media.kind}_url"
            value = part.text if part.media is None else part.media.address
            inputs.append({"type": kind, kind: value})
        body: dict[str, JsonValue] = {"inputs": inputs, "parameters": self._parameters(request)}
        path = "/generate_stream" if request.stream else "/generate"
        return post_json(path, body, stream=request.stream)


class MindieTritonBackend(MindieRoute):
    """``/v2/models/NAME/generate`` and ``.../generate_stream``."""

    protocol = "MindIE (/v2/models/NAME/generate)"

    def encode(self, request: Request) -> HttpRequest:
        body: dict[str, JsonValue] = {
            "id": request.key,
            "text_input": plain_text(request, "/generate"),
            "parameters": self._parameters(request),
        }
        name = urllib.parse.quote(request.model, safe="")
        path = f"/v2/models/{name}/generate{'_stream' if request.stream else ''}"
        return post_json(path, body, stream=request.stream)

    def models_request(self) -> HttpRequest | None:
        return get_json("/v1/models")

    def parse_models(self, body: bytes) -> Sequence[str]:
        """MindIE lists its models as OpenAI does."""
        return [one["id"] for one in openai_models(body)]
