"""What all of these backends have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aisbench.api import AisbenchError, HttpRequest, JsonObject, Request, ServedModel
from aisbench.codec import Names, check_listed_adapters, count_of, get_json, loads, openai_models

NOT_GENERATED = (
    "this endpoint generates no text: leave it out, also of the [generation] of the suite"
)
GENERATING = dict.fromkeys(
    (
        "max_tokens", "max_completion_tokens", "max_new_tokens", "min_tokens", "temperature",
        "top_p", "top_k", "min_p", "stop", "ignore_eos", "logprobs", "frequency_penalty",
        "presence_penalty", "repetition_penalty",
    ),
    NOT_GENERATED,
)  # fmt: skip
"""Settings of models that write: they would say nothing here."""


class EndpointService:
    """Routes, names of settings, and the list of models, where there is one."""

    names: ClassVar[Names]
    tei: ClassVar[bool] = False
    """Whether it is a route of Text Embeddings Inference, which has one model and tells it at
    ``/info``."""
    open_ended: ClassVar[bool] = False
    """See :class:`aisbench.api.TellingBackend`: nothing is generated."""

    def __init__(self, path: str) -> None:
        self._path = path

    def routes(self) -> Sequence[str]:
        """See :class:`aisbench.api.RoutedBackend`."""
        return [self._path]

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return self.names.refused(generation)

    def models_request(self) -> HttpRequest | None:
        return get_json("/info" if self.tei else self._models_path)

    @property
    def _models_path(self) -> str:
        """Beside the route, where that begins with a version; some servers have a prefix before
        all of them."""
        before, version, _ = self._path.rpartition("/v1/")
        return f"{before}/v1/models" if version else "/v1/models"

    def check_adapters(self, body: bytes, adapters: Sequence[str]) -> None:
        """See :class:`aisbench.api.AdapterBackend`. Raises AisbenchError."""
        if self.tei:
            raise AisbenchError(
                "is asked as Text Embeddings Inference, which has no adapters",
                hint="ask vLLM's embeddings: openai-embeddings",
            )
        check_listed_adapters(body, adapters)

    def parse_models(self, body: bytes) -> Sequence[str]:
        """The names that the server tells. Raises ValueError for another answer."""
        return [one.name for one in self.served_models(body)]

    def served_models(self, body: bytes) -> Sequence[ServedModel]:
        """See :class:`aisbench.api.TellingBackend`. A context is not told on: what is too long
        for it is cut or refused by the server's own rule."""
        if not self.tei:
            return [ServedModel(name=one["id"]) for one in openai_models(body)]
        told = loads(body)
        name = told.get("model_id") if isinstance(told, dict) else None
        if not (isinstance(name, str) and name):
            raise ValueError("the answer is not /info of Text Embeddings Inference")
        return [ServedModel(name=name)]

    def context_request(self, body: bytes) -> HttpRequest | None:
        """Nothing is asked."""
        return None

    def parse_context(self, body: bytes) -> int | None:
        """See :meth:`context_request`."""
        return None

    def health_requests(self) -> Sequence[HttpRequest]:
        """See :class:`aisbench.api.WatchedBackend`."""
        return [HttpRequest(method="GET", path="/health")]

    def _model(self, request: Request) -> dict[str, Any]:
        """An adapter is a model of its own name, as vLLM serves it."""
        model = request.generation.get("adapter_id") or request.model
        return {"model": model} if model else {}

    def _settings_of(self, request: Request) -> dict[str, Any]:
        translated = self.names.translated(request.generation)
        translated.pop("adapter_id", None)
        return translated


def texts_of(request: Request, *, query: bool = False) -> tuple[str, ...]:
    """The batch of a request. Raises ValueError for prompts of other forms."""
    texts = request.prompt.texts
    if texts is None or (request.prompt.query is not None) is not query:
        what = "a query and documents" if query else "a batch of texts"
        raise ValueError(f"the endpoint needs {what}")
    return texts


def input_tokens(usage: Any) -> int | None:
    """Of ``usage``: Jina and earlier vLLM tell the total alone, which is the input here."""
    found = count_of(usage, "prompt_tokens")
    return count_of(usage, "total_tokens") if found is None else found
