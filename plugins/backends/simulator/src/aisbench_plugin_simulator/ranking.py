"""How well documents fit a query: by the words that they share (see ``embeddings``)."""

from __future__ import annotations

from typing import Any

import orjson

from aisbench_plugin_simulator.chance import bits
from aisbench_plugin_simulator.checking import json_object
from aisbench_plugin_simulator.embeddings import cosine, tei_batch, tei_error, vector
from aisbench_plugin_simulator.endpoint_reply import (
    EndpointReply,
    counted,
    listed,
    model_of,
    openai_error,
    texts_of,
)
from aisbench_plugin_simulator.refusal import Refusal
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.simulator import Simulator


class TeiRefusal(Refusal):
    """An error in the words of Text Embeddings Inference, which has the same route."""


def rerank(body: bytes, simulator: Simulator) -> EndpointReply:
    """``/rerank`` of vLLM, Jina and Cohere, or of Text Embeddings Inference, which calls the
    documents ``texts``. Raises Refusal."""
    data = json_object(body)
    if "texts" in data:
        try:
            return _tei(data, simulator)
        except Refusal as refusal:
            raise TeiRefusal(refusal.status, refusal.message) from None
    settings = simulator.settings
    model = model_of(data, settings)
    (query,) = texts_of({"query": data.get("query")}, "query", settings)
    documents = texts_of(data, "documents", settings)
    scores = _scores(query, documents, settings)
    order = sorted(range(len(scores)), key=lambda at: -scores[at])
    most = data.get("top_n") or len(scores)
    tokens = counted(documents) + counted([query]) * len(documents)
    answer = {
        "id": f"rerank-{bits(body) & 0xFFFF:x}",
        "model": model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        "results": [
            {"index": at, "document": {"text": documents[at]}, "relevance_score": scores[at]}
            for at in order[:most]
        ],
    }
    return EndpointReply(body=orjson.dumps(answer), prompt_tokens=tokens, steps=len(documents))


def error_of_rerank(refusal: Refusal, settings: SimulatorSettings) -> bytes:
    """In the words of whom the request was for."""
    if isinstance(refusal, TeiRefusal):
        return tei_error(refusal, settings)
    return openai_error(refusal, settings)


def score(body: bytes, simulator: Simulator) -> EndpointReply:
    """``/score`` of vLLM: one text against one or many, or pairs. Raises Refusal."""
    settings = simulator.settings
    data = json_object(body)
    model = model_of(data, settings)
    first, second = texts_of(data, "text_1", settings), texts_of(data, "text_2", settings)
    if len(first) == 1:
        first = first * len(second)
    if len(first) != len(second):
        raise Refusal(400, "Input lengths must be either 1:1, 1:N or N:N")
    entries = [
        {"index": at, "object": "score", "score": _score(one, other, settings)}
        for at, (one, other) in enumerate(zip(first, second, strict=True))
    ]
    tokens = counted(first) + counted(second)
    made = listed(f"score-{bits(body) & 0xFFFF:x}", model, entries, tokens)
    return EndpointReply(body=orjson.dumps(made), prompt_tokens=tokens, steps=len(second))


def _tei(data: dict[str, Any], simulator: Simulator) -> EndpointReply:
    settings = simulator.settings
    (query,) = texts_of({"query": data.get("query")}, "query", settings)
    texts = tei_batch(texts_of(data, "texts", settings))
    scores = _scores(query, texts, settings)
    order = sorted(range(len(scores)), key=lambda at: -scores[at])
    shown = bool(data.get("return_text"))
    answer = [
        {"index": at, "score": scores[at], **({"text": texts[at]} if shown else {})}
        for at in order
    ]
    tokens = counted(texts) + counted([query]) * len(texts)
    return EndpointReply(body=orjson.dumps(answer), prompt_tokens=tokens, steps=len(texts))


def _scores(query: str, documents: list[str], settings: SimulatorSettings) -> list[float]:
    return [_score(query, one, settings) for one in documents]


def _score(one: str, other: str, settings: SimulatorSettings) -> float:
    """In 0..1, as the sigmoid of a cross-encoder is."""
    return (1 + cosine(vector(one, settings), vector(other, settings))) / 2
