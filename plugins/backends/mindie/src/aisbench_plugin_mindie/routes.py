"""MindIE's routes. No server could be had here: the forms are those of its documentation,
https://www.hiascend.com/document/detail/zh/mindie/21RC1/mindieservice/servicedev/mindie_service0010.html
and the pages of the single routes beside it (named at each class)."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import ClassVar

from aisbench.api import HttpRequest, JsonObject, JsonValue, Request
from aisbench.codec import EventDecoder, Names, dumps, loads, stop_strings
from aisbench_plugin_mindie.answer import Answer
from aisbench_plugin_mindie.settings import MindieSettings

_JSON = "application/json"
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
    },
)  # fmt: skip


class Route:
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
        answer = Answer(self._settings.full_text)
        return EventDecoder(answer, self.protocol, END, cut, last=True)

    def models_request(self) -> HttpRequest | None:
        return None

    def parse_models(self, body: bytes) -> Sequence[str]:
        raise ValueError("these routes tell no names")

    def _parameters(self, request: Request) -> dict[str, JsonValue]:
        parameters: dict[str, JsonValue] = {"details": True}
        parameters |= NAMES.translated(request.generation)
        # "The value must be greater than 0": greedy search is asked for by do_sample.
        if parameters.get("temperature") == 0:
            del parameters["temperature"]
            parameters.setdefault("do_sample", False)
        elif "temperature" in parameters:
            parameters.setdefault("do_sample", True)
        if stop := stop_strings(request):
            parameters["stop"] = list(stop)
        if request.seed is not None and self._settings.send_seed:
            parameters["seed"] = request.seed
        return parameters

    def _http(self, path: str, body: dict[str, JsonValue], stream: bool) -> HttpRequest:
        return HttpRequest(
            method="POST",
            path=path,
            body=dumps(body),
            headers={
                "Content-Type": _JSON,
                "Accept": f"text/event-stream, {_JSON}" if stream else _JSON,
            },
        )


def _text(request: Request, route: str) -> str:
    prompt = request.prompt
    if prompt.text is None or prompt.continuation is not None:
        raise ValueError(f"{route} needs a plain string to go on from")
    return prompt.text


class InferBackend(Route):
    """``/infer``: https://www.hiascend.com/document/detail/zh/mindie/10RC3/mindieservice/
    servicedev/mindie_service0266.html."""

    protocol = "MindIE (/infer)"

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/infer"]

    def encode(self, request: Request) -> HttpRequest:
        body: dict[str, JsonValue] = {
            "inputs": _text(request, "/infer"),
            "stream": request.stream,
            "parameters": self._parameters(request),
        }
        return self._http("/infer", body, request.stream)


class TokenBackend(Route):
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
        return self._http("/infer_token", body, request.stream)


class GenerateBackend(Route):
    """``/generate`` and ``/generate_stream`` as TGI 0.9.4 has them."""

    protocol = "MindIE (/generate)"

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/generate", "/generate_stream"]

    def encode(self, request: Request) -> HttpRequest:
        body: dict[str, JsonValue] = {
            "inputs": _text(request, "/generate"),
            "parameters": self._parameters(request),
        }
        path = "/generate_stream" if request.stream else "/generate"
        return self._http(path, body, request.stream)


class TritonBackend(Route):
    """``/v2/models/NAME/generate`` and ``.../generate_stream``."""

    protocol = "MindIE (/v2/models/NAME/generate)"

    def encode(self, request: Request) -> HttpRequest:
        body: dict[str, JsonValue] = {
            "id": request.key,
            "text_input": _text(request, "/generate"),
            "parameters": self._parameters(request),
        }
        name = urllib.parse.quote(request.model, safe="")
        path = f"/v2/models/{name}/generate{'_stream' if request.stream else ''}"
        return self._http(path, body, request.stream)

    def models_request(self) -> HttpRequest | None:
        return HttpRequest(method="GET", path="/v1/models", headers={"Accept": _JSON})

    def parse_models(self, body: bytes) -> Sequence[str]:
        """MindIE lists its models as OpenAI does."""
        answer = loads(body)
        models = answer.get("data") if isinstance(answer, dict) else None
        if not isinstance(models, list):
            raise ValueError("the answer is not a list of models")
        names: list[str] = []
        for one in models:
            name = one.get("id") if isinstance(one, dict) else None
            if not (isinstance(name, str) and name):
                raise ValueError("the list of models holds one without an id")
            names.append(name)
        return names
