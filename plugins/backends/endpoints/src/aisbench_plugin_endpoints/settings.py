"""What a suite may say of these backends, besides the keys that every service has."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import setting
from aisbench.codec import route_problem


@frozen
class EmbeddingsSettings:
    """Keys of /v1/embeddings."""

    path: str = setting(
        default="/v1/embeddings",
        check=route_problem,
        help="the route, where a server has another",
        example="/api/v3/embeddings",
    )
    encoding: Literal["base64", "float"] = setting(
        default="base64",
        help="how vectors are asked for (encoding_format): as base64 an answer is a quarter as "
        "long and read faster; float for servers that know nothing else",
    )


@frozen
class TeiSettings:
    """Keys of the routes of Text Embeddings Inference: none of their own."""


@frozen
class RerankRouteSettings:
    """Keys of /v1/rerank."""

    path: str = setting(
        default="/v1/rerank",
        check=route_problem,
        help="the route; vLLM and Jina have /v1/rerank, Cohere and vLLM /v2/rerank",
        example="/v2/rerank",
    )


@frozen
class ScoreSettings:
    """Keys of /score."""

    path: str = setting(
        default="/score",
        check=route_problem,
        help="the route, where a server has another",
        example="/v1/score",
    )


@frozen
class VllmClassifySettings:
    """Keys of /classify."""

    path: str = setting(
        default="/classify",
        check=route_problem,
        help="the route, where a server has another",
        example="/api/classify",
    )


@frozen(kw_only=True)
class SoundSettings:
    """Keys of both routes of sounds."""

    path: str
    answer: Literal["json", "verbose_json"] = setting(
        default="json",
        help="what is asked for (response_format); verbose_json has segments and times, which "
        "cost the server work, and is not streamed",
    )
    stream_usage: bool = setting(
        default=True,
        help="ask for token counts when streaming (stream_include_usage, which vLLM knows); false "
        "for OpenAI's own API, which refuses the key and counts by itself",
    )
    send_seed: bool = setting(
        default=False, help="send each request's seed, which vLLM knows and OpenAI refuses"
    )


@frozen(kw_only=True)
class TranscriptionsSettings(SoundSettings):
    """Keys of /v1/audio/transcriptions."""

    path: str = setting(
        default="/v1/audio/transcriptions",
        check=route_problem,
        help="the route, where a server has another",
        example="/api/v3/audio/transcriptions",
    )


@frozen(kw_only=True)
class TranslationsSettings(SoundSettings):
    """Keys of /v1/audio/translations."""

    path: str = setting(
        default="/v1/audio/translations",
        check=route_problem,
        help="the route, where a server has another",
        example="/api/v3/audio/translations",
    )
