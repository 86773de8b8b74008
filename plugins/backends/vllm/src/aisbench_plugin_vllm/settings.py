"""What a suite may say of these backends, besides the keys that every service has."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import between, setting
from aisbench.codec import route_problem


def _route(value: str) -> str | None:
    if problem := route_problem(value):
        return problem
    if len(value) > 1 and Path(value).is_dir():
        # AISBench and local backends call the model's folder so.
        return "is a route of the server, and names a folder here: set `model` and `tokenizer`"
    return None


def _optional_route(value: str) -> str | None:
    return _route(value) if value else None


_TOKENIZE = setting(
    default="/tokenize",
    check=_optional_route,
    help="the route that tells ids of tokens, by which scored continuations are cut off; empty: "
    "the server is not asked",
    example="/api/tokenize",
)


AdapterForm = Literal["model", "lora_path", "model:adapter"]


@frozen
class OpenAiSettings:
    """Keys of both endpoints."""

    adapter_as: AdapterForm = setting(
        default="model",
        help="how a request names its LoRA adapter: in place of the model (vLLM, MindIE), or as "
        "SGLang has it: in a key of its own, or behind the model and a colon",
    )

    usage: bool = setting(
        default=True,
        help="ask for token counts when streaming (stream_options.include_usage)",
    )
    send_seed: bool = setting(
        default=True, help="send each request's seed; false for servers that refuse the key"
    )


@frozen
class OpenAiCompletionsSettings(OpenAiSettings):
    """Keys of the completions endpoint."""

    path: str = setting(
        default="/v1/completions",
        check=_route,
        help="the route, where a server has another",
        example="/api/v3/completions",
    )
    tokenize: str = _TOKENIZE
    scoring: Literal["echo", "prompt_logprobs"] = setting(
        default="echo", help="how log-probabilities of a given text are asked for"
    )
    scoring_max_tokens: int = setting(
        default=0,
        check=between(0, 1),
        help="max_tokens of such requests; 1 for servers that must generate something",
    )


@frozen
class OpenAiResponsesSettings(OpenAiSettings):
    """Keys of the Responses API."""

    path: str = setting(
        default="/v1/responses",
        check=_route,
        help="the route, where a server has another",
        example="/api/v3/responses",
    )
    store: bool = setting(default=False, help="whether the server is to keep the answers")


@frozen
class OldGenerateSettings:
    """Keys of vLLM's old API."""

    send_seed: bool = setting(
        default=True, help="send each request's seed; false for servers that refuse the key"
    )


@frozen
class OpenAiChatSettings(OpenAiSettings):
    """Keys of the chat endpoint."""

    path: str = setting(
        default="/v1/chat/completions",
        check=_route,
        help="the route, where a server has another",
        example="/api/v3/chat/completions",
    )
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = setting(
        default="max_tokens",
        help="the name under which generation.max_tokens is sent; OpenAI's own reasoning models "
        "know only max_completion_tokens",
    )
    audio_form: Literal["input_audio", "audio_url"] = setting(
        default="input_audio",
        help="how sounds are sent: as OpenAI has it, or as a data: url",
    )
    tokenize: str = _TOKENIZE
