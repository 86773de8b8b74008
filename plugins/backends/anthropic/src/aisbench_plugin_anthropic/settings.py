"""What a suite may say of this backend, besides the keys that every service has."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import Secret, at_least, not_empty, setting
from aisbench.codec import route_problem


@frozen
class AnthropicSettings:
    """Keys of the backend."""

    key: Secret | None = setting(
        default=None,
        help='sent as "x-api-key", as Anthropic wants it; "env:NAME" only. Servers that want a '
        "Bearer token, such as vLLM, get `api_key`",
        example="env:ANTHROPIC_API_KEY",
    )
    path: str = setting(
        default="/v1/messages",
        check=route_problem,
        help="the route, where a server has another",
        example="/anthropic/v1/messages",
    )
    version: str = setting(
        default="2023-06-01",
        check=not_empty,
        help="the header anthropic-version",
        example="2023-01-01",
    )
    beta: tuple[str, ...] = setting(
        default=(),
        help="the header anthropic-beta: features that are not for everybody yet",
        example=["context-1m-2025-08-07"],
    )
    max_tokens: int = setting(
        default=4096,
        unit="tokens",
        check=at_least(1),
        help="sent where generation.max_tokens says nothing, as the protocol wants a number",
    )
