"""``/generate`` of vLLM's demonstration server, ``vllm.entrypoints.api_server``, which MindIE and
others offer as well: https://github.com/vllm-project/vllm/blob/main/vllm/entrypoints/api_server.py.

An answer is ``{"text": ["PROMPT and answer"]}``; a stream is such objects, each with the text so
far, divided by a line end, or in releases up to 0.2 by a zero byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field

from aisbench.api import Fault, HttpRequest, JsonObject, JsonValue, Request, Response
from aisbench.codec import (
    INVALID,
    alien_fault,
    cut_fault,
    cut_text,
    dumps,
    http_fault,
    is_error,
    loads,
    plain_text,
    server_fault,
    stop_strings,
    whole,
)
from aisbench_plugin_vllm.generation_keys import cut_strings, refused
from aisbench_plugin_vllm.known_keys import unknown
from aisbench_plugin_vllm.settings import OldGenerateSettings

PROTOCOL = "vLLM's old API (/generate)"


class OldGenerateBackend:
    """The prompt, and vLLM's ``SamplingParams`` beside it."""

    def __init__(self, settings: OldGenerateSettings) -> None:
        self._settings = settings

    def doubted(self, generation: JsonObject) -> Mapping[str, str]:
        """See :class:`aisbench.api.DoubtingBackend`."""
        return unknown(generation)

    def health_requests(self) -> Sequence[HttpRequest]:
        """See :class:`aisbench.api.WatchedBackend`."""
        return [HttpRequest(method="GET", path="/health")]

    def setting_of(self, key: str) -> str | None:
        """See :class:`aisbench.api.SettingBackend`."""
        return "send_seed = false" if key == "seed" else None

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return ["/generate"]

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        found = refused(generation)
        if "logprobs" in generation:
            found["logprobs"] = "/generate tells no log-probabilities: use vllm-completions"
        if "adapter_id" in generation:
            found["adapter_id"] = "/generate takes no adapter: use vllm-completions"
        return found

    def encode(self, request: Request) -> HttpRequest:
        body: dict[str, JsonValue] = {"prompt": plain_text(request, "/generate")}
        if request.seed is not None and self._settings.send_seed:
            body["seed"] = request.seed
        body.update(request.generation)
        if stop := stop_strings(request):
            body["stop"] = list(stop)
        body["stream"] = request.stream
        return HttpRequest(
            method="POST",
            path="/generate",
            body=dumps(body),
            headers={"Content-Type": "application/json", "Accept": "*/*"},
        )

    def decoder(self, request: Request) -> OldGenerateDecoder:
        return OldGenerateDecoder(request.prompt.text or "", cut_strings(request), request.stream)

    def models_request(self) -> HttpRequest | None:
        return None

    def parse_models(self, body: bytes) -> Sequence[str]:
        raise ValueError("this API does not name its models")


@define(eq=False)
class OldGenerateDecoder:
    """One attempt's decoder. The API has no mark of a stream's end: that one was cut shows in
    HTTP's framing alone, or inside an object."""

    _prompt: str
    _cut: tuple[str, ...]
    _stream: bool
    _status: int = field(init=False, default=200)
    _early: bytes = field(init=False, default=b"")
    complete: bool = field(init=False, default=False)
    pending: int = field(init=False, default=0)
    _rest: list[bytes] = field(init=False, factory=list)
    _text: str | None = field(init=False, default=None)
    _fault: Fault | None = field(init=False, default=None)

    @property
    def answer_begun(self) -> bool:
        return self._text is not None

    def start(self, status: int, content_type: str) -> None:
        self._status = status

    def feed(self, data: bytes) -> int:
        """See :class:`aisbench.api.Decoder`; a body that is not a stream counts nothing."""
        if self._status != 200 or not self._stream:
            self._rest.append(data)
            return 0
        if len(self._early) < 2000:
            self._early += data[:2000]
        pieces = data.replace(b"\0", b"\n").split(b"\n")
        rest = pieces.pop()
        if pieces:
            pieces[0] = b"".join((*self._rest, pieces[0]))
            self._rest.clear()
            self.pending = 0
        self._rest.append(rest)
        self.pending += len(rest)
        tokens = sum(self._take(piece) for piece in pieces)
        self.complete = self._fault is not None
        return tokens

    def finish(self) -> Response:
        whole_rest = b"".join(self._rest)
        if not 200 <= self._status < 300:
            return Response(fault=http_fault(self._status, whole_rest))
        rest = whole_rest.strip()
        if rest and self._fault is None:
            torn = rest.startswith(b"{") and loads(rest) is INVALID
            if torn:
                self._fault = cut_fault("the answer ended inside its JSON")
            else:
                self._take(rest)
        if self._text is None and self._fault is None:
            self._fault = (
                alien_fault(self._status, self._early or whole_rest, PROTOCOL)
                if rest or self._early
                else cut_fault("the answer has no body")
            )
        text = whole(self._text or "")
        if text.startswith(self._prompt):
            text = text[len(self._prompt) :]
        text, _ = cut_text(text, self._cut, None)
        return Response(text=text, fault=self._fault)

    def _take(self, piece: bytes) -> int:
        """One object; 1 when its text is longer than the last one's."""
        piece = piece.strip()
        if not piece or self._fault is not None:
            return 0
        value: Any = loads(piece)
        if isinstance(value, dict) and is_error(error := value.get("error")):
            self._fault = server_fault(error, piece.decode("utf-8", "replace"))
            return 0
        texts = value.get("text") if isinstance(value, dict) else None
        text = texts[0] if isinstance(texts, list) and texts else texts
        if not isinstance(text, str):
            self._fault = alien_fault(self._status, piece, PROTOCOL)
            return 0
        before = self._prompt if self._text is None else self._text
        self._text = text
        return int(text != before)
