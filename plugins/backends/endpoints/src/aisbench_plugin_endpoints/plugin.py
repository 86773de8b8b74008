"""What this plugin offers. Light on purpose: the codecs are imported when a suite names them."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.3"

_P = "aisbench_plugin_endpoints"


def _offer(
    name: str, summary: str, target: str, settings: str, *capabilities: Capability
) -> BackendOffer:
    return BackendOffer(
        name=name,
        summary=summary,
        target=f"{_P}.{target}",
        settings=f"{_P}.settings:{settings}",
        capabilities=dict.fromkeys(capabilities, Support.FULL),
    )


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield _offer(
        "openai-embeddings",
        "Vectors of texts from OpenAI, vLLM, SGLang, llama.cpp (/v1/embeddings).",
        "embeddings:OpenAiEmbeddings", "EmbeddingsSettings", Capability.EMBED,
    )  # fmt: skip
    yield _offer(
        "tei-embed",
        "Vectors of texts from Text Embeddings Inference (/embed).",
        "embeddings:TeiEmbed", "TeiSettings", Capability.EMBED,
    )  # fmt: skip
    yield _offer(
        "rerank",
        "Documents by how well they fit a query, in the form of Jina and Cohere (/v1/rerank).",
        "ranking:Rerank", "RerankRouteSettings", Capability.RERANK,
    )  # fmt: skip
    yield _offer(
        "tei-rerank",
        "Documents by how well they fit a query, by Text Embeddings Inference (/rerank).",
        "ranking:TeiRerank", "TeiSettings", Capability.RERANK,
    )  # fmt: skip
    yield _offer(
        "vllm-score",
        "How well documents fit a query, by vLLM's own API (/score).",
        "ranking:VllmScore", "ScoreSettings", Capability.RERANK,
    )  # fmt: skip
    yield _offer(
        "vllm-classify",
        "Labels of texts by vLLM's own API (/classify).",
        "labels:VllmClassify", "VllmClassifySettings", Capability.CLASSIFY,
    )  # fmt: skip
    yield _offer(
        "tei-predict",
        "Labels of texts by Text Embeddings Inference (/predict).",
        "labels:TeiPredict", "TeiSettings", Capability.CLASSIFY,
    )  # fmt: skip
    yield _offer(
        "openai-transcriptions",
        "What is said in a sound, by OpenAI, vLLM, SGLang (/v1/audio/transcriptions).",
        "sounds:Transcriptions", "TranscriptionsSettings",
        Capability.TRANSCRIBE, Capability.AUDIO, Capability.STREAM,
    )  # fmt: skip
    yield _offer(
        "openai-translations",
        "What is said in a sound, in English, by OpenAI or vLLM (/v1/audio/translations).",
        "sounds:Transcriptions", "TranslationsSettings",
        Capability.TRANSCRIBE, Capability.AUDIO, Capability.STREAM,
    )  # fmt: skip
