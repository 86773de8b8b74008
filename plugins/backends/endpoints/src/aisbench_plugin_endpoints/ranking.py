"""How well documents fit a query.

The form of Jina (https://api.jina.ai/redoc) and Cohere (https://docs.cohere.com/reference/rerank),
which vLLM, SGLang, llama.cpp and gateways speak; vLLM's ``/score``
(https://docs.vllm.ai/en/latest/models/pooling_models/scoring/); Text Embeddings Inference.
"""

from __future__ import annotations

from typing import Any

from attrs import define

from aisbench.api import HttpRequest, Request
from aisbench.codec import EventDecoder, Names, post_json
from aisbench_plugin_endpoints.batch import BatchCollector, in_order, number
from aisbench_plugin_endpoints.service import GENERATING, EndpointService, texts_of
from aisbench_plugin_endpoints.settings import RerankRouteSettings, ScoreSettings, TeiSettings

END = "the whole answer"
_ALL = (
    "leave it out: every document gets its score, and measures such as ndcg@10 look at the first "
    "ones"
)
_SCORING = frozenset(
    {
        "adapter_id", "cache_salt", "chat_template_kwargs", "instruction", "max_tokens_per_doc",
        "max_tokens_per_query", "mm_processor_kwargs", "padding", "priority",
        "truncate_prompt_tokens", "truncation_side", "use_activation", "user",
    }
)  # fmt: skip


class Rerank(EndpointService):
    """``/v1/rerank``."""

    names = Names(
        protocol="the rerank API",
        known=_SCORING | {"max_chunks_per_doc", "return_documents", "truncation"},
        advice={**GENERATING, "top_n": _ALL, "query": "the data set's query is sent"},
    )

    def __init__(self, settings: RerankRouteSettings) -> None:
        super().__init__(settings.path)

    def encode(self, request: Request) -> HttpRequest:
        body = {
            **self._model(request),
            "query": request.prompt.query,
            "documents": list(texts_of(request, query=True)),
            **self._settings_of(request),
        }
        return post_json(self._path, body)

    def decoder(self, request: Request) -> EventDecoder:
        count = len(texts_of(request, query=True))
        answer = Relevances(count, "results", "relevance_score", "score")
        return EventDecoder(answer, f"a rerank API ({self._path})", END)


class VllmScore(EndpointService):
    """``/score``."""

    names = Names(protocol="vLLM's score API", known=_SCORING, advice=GENERATING)

    def __init__(self, settings: ScoreSettings) -> None:
        super().__init__(settings.path)

    def encode(self, request: Request) -> HttpRequest:
        body = {
            **self._model(request),
            "text_1": request.prompt.query,
            "text_2": list(texts_of(request, query=True)),
            **self._settings_of(request),
        }
        return post_json(self._path, body)

    def decoder(self, request: Request) -> EventDecoder:
        count = len(texts_of(request, query=True))
        return EventDecoder(
            Relevances(count, "data", "score", "relevance_score"), "vLLM's score API (/score)", END
        )


class TeiRerank(EndpointService):
    """``/rerank``. It counts no tokens in the body."""

    tei = True
    names = Names(
        protocol="Text Embeddings Inference",
        known=frozenset({"raw_scores", "return_text", "truncate", "truncation_direction"}),
        advice=GENERATING,
    )

    def __init__(self, settings: TeiSettings) -> None:
        super().__init__("/rerank")

    def encode(self, request: Request) -> HttpRequest:
        body = {
            "query": request.prompt.query,
            "texts": list(texts_of(request, query=True)),
            **self._settings_of(request),
        }
        return post_json(self._path, body)

    def decoder(self, request: Request) -> EventDecoder:
        count = len(texts_of(request, query=True))
        return EventDecoder(
            Relevances(count, "", "score", "relevance_score"),
            "Text Embeddings Inference (/rerank)",
            END,
        )


@define(eq=False)
class Relevances(BatchCollector):
    """A list of ``{"index", SCORE}``, as a whole body (SGLang, Text Embeddings Inference) or under
    ``table``; ``score`` and ``other`` are names of the score."""

    table: str
    score: str
    other: str

    def is_answer(self, body: Any) -> bool:
        if type(body) is dict and self.table:
            return type(body.get(self.table)) is list
        return type(body) is list and bool(body) and type(body[0]) is dict and "index" in body[0]

    def read(self, body: Any) -> dict[str, Any]:
        given = body[self.table] if type(body) is dict else body
        entries = in_order(given, self.count, "scores")
        scores = (one.get(self.score, one.get(self.other)) for one in entries)
        found = tuple(number(one, f"score {place}") for place, one in enumerate(scores))
        return {"relevance": found}
