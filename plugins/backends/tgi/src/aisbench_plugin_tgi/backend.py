"""``/generate`` and ``/generate_stream``: https://huggingface.github.io/text-generation-inference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aisbench.api import HttpRequest, JsonObject, JsonValue, Request, ServedModel
from aisbench.codec import (
    EventDecoder,
    Names,
    Preparation,
    Prepared,
    Remembered,
    Wanted,
    asked_logprobs,
    count_of,
    dumps,
    get_json,
    greedy_by_flag,
    loads,
    post_json,
    refused_logprobs,
    stop_strings,
)
from aisbench_plugin_tgi.collector import TgiCollector
from aisbench_plugin_tgi.settings import TgiSettings

PROTOCOL = "Text Generation Inference (/generate)"
END = "generated_text and details"

# GenerateParameters of the OpenAPI document above. Unknown names are ignored by the server.
NAMES = Names(
    protocol="Text Generation Inference",
    known=frozenset(
        {
            "adapter_id", "do_sample", "frequency_penalty", "grammar", "logprobs",
            "max_new_tokens", "repetition_penalty", "temperature", "top_k", "top_p", "truncate",
            "typical_p", "watermark",
        }
    ),
    renamed={"max_tokens": "max_new_tokens"},
    advice={
        "ignore_eos": "it has no such setting: an answer ends where the model ends it",
        "ignore_eos_token": "it has no such setting: an answer ends where the model ends it",
        "min_tokens": "it has no such setting",
        "details": "it is always asked for: token counts come from it",
        "decoder_input_details": "set `count_prompt` of the model's table",
        "return_full_text": "leave it out: the answer would begin with the prompt",
        "top_n_tokens": "it is called logprobs in suites: logprobs = 5",
    },
)  # fmt: skip


class TgiBackend:
    """Text in, text out."""

    open_ended = False
    """See :class:`aisbench.api.TellingBackend`."""

    def __init__(self, settings: TgiSettings) -> None:
        self._settings = settings
        self._known: Remembered[tuple[int, ...] | None] = Remembered()

    def setting_of(self, key: str) -> str | None:
        """See :class:`aisbench.api.SettingBackend`."""
        return "send_seed = false" if key == "seed" else None

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/generate", "/generate_stream"]

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return NAMES.refused(generation) | refused_logprobs(generation)

    def encode(self, request: Request) -> HttpRequest:
        prompt = request.prompt
        if prompt.text is None:
            raise ValueError("/generate needs a plain string")
        if prompt.length is not None:
            raise ValueError("/generate takes no ids of tokens: a text cannot be cut to a length")
        stream = request.stream and prompt.continuation is None
        parameters: dict[str, JsonValue] = {"details": True, "return_full_text": False}
        if prompt.continuation is not None:
            parameters |= {"decoder_input_details": True, "max_new_tokens": 1}
        else:
            parameters |= _sampling(NAMES.translated(request.generation))
            if stop := stop_strings(request):
                parameters["stop"] = list(stop)
            if request.seed is not None and self._settings.send_seed:
                parameters["seed"] = request.seed
            if not stream and self._settings.count_prompt:
                parameters["decoder_input_details"] = True
        inputs = prompt.text + (prompt.continuation or "")
        return post_json(
            "/generate_stream" if stream else "/generate",
            {"inputs": inputs, "parameters": parameters},
            stream=stream,
        )

    def decoder(self, request: Request) -> EventDecoder:
        return self._decoder(request, None)

    def prepare(self, request: Request) -> Preparation | None:
        """See :class:`aisbench.codec.PreparingBackend`: the ids of a continuation's context, by
        ``/tokenize``."""
        prompt = request.prompt
        if prompt.continuation is None or prompt.text is None or not prompt.text.strip():
            return None
        return self._prepared(request, prompt.text.rstrip())

    def _prepared(self, request: Request, context: str) -> Preparation:
        body = dumps({"inputs": context})
        known = self._known.find(body)
        if known is None:
            reply = yield post_json("/tokenize", body)
            if fault := reply.fault:
                return fault
            known = (self._known.keep(body, _ids(reply.body) if reply.status == 200 else None),)
        (before,) = known
        return Prepared(wire=self.encode(request), decoder=lambda: self._decoder(request, before))

    def _decoder(self, request: Request, before: tuple[int, ...] | None) -> EventDecoder:
        prompt = request.prompt
        wanted = None
        if prompt.continuation is not None:
            wanted = Wanted(
                context=prompt.text or "",
                continuation=prompt.continuation,
                before=before,
                between=prompt.border != "shared",
            )
        cut = tuple(stop_strings(request))
        answer = TgiCollector(wanted, asked_logprobs(request.generation))
        return EventDecoder(answer, PROTOCOL, END, cut, last=True)

    def models_request(self) -> HttpRequest | None:
        return get_json("/info")

    def parse_models(self, body: bytes) -> Sequence[str]:
        """``model_id`` of ``/info``: the one model that such a server has."""
        answer = loads(body)
        name = answer.get("model_id") if isinstance(answer, dict) else None
        if not (isinstance(name, str) and name):
            raise ValueError("the answer is not /info of Text Generation Inference")
        return [name]

    def served_models(self, body: bytes) -> Sequence[ServedModel]:
        """See :class:`aisbench.api.TellingBackend`: ``max_total_tokens`` of ``/info``."""
        (name,) = self.parse_models(body)
        answer = loads(body)
        limit = count_of(answer, "max_total_tokens") if isinstance(answer, dict) else None
        return [ServedModel(name=name, context=limit or None)]

    def context_request(self, body: bytes) -> HttpRequest | None:
        """Nothing but ``/info`` says it."""
        return None

    def parse_context(self, body: bytes) -> int | None:
        """See :meth:`context_request`."""
        return None

    def health_requests(self) -> Sequence[HttpRequest]:
        """See :class:`aisbench.api.WatchedBackend`."""
        return [HttpRequest(method="GET", path="/health")]


def _ids(body: bytes) -> tuple[int, ...] | None:
    """``TokenizeResponse``: a list of ``{"id", "text", "start", "stop"}``."""
    found = loads(body)
    if not isinstance(found, list):
        return None
    ids = [one.get("id") if isinstance(one, dict) else None for one in found]
    known = tuple(one for one in ids if type(one) is int)
    return known if known and len(known) == len(ids) else None


def _sampling(parameters: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Values that other servers take and this one refuses: temperature 0 means greedy search,
    and top_p 1 means all tokens (its validation wants temperature > 0 and 0 < top_p < 1)."""
    count = asked_logprobs(parameters)
    parameters.pop("logprobs", None)
    if count:  # that of the chosen token is in the details anyway
        parameters["top_n_tokens"] = count
    greedy_by_flag(parameters)
    if parameters.get("top_p") in (0, 1):
        del parameters["top_p"]
    return parameters
