"""What this plugin offers. Light on purpose: the codec is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="anthropic-messages",
        summary="Chat messages to Anthropic, vLLM, SGLang and others (/v1/messages).",
        target="aisbench_plugin_anthropic.backend:MessagesBackend",
        settings="aisbench_plugin_anthropic.settings:AnthropicSettings",
        capabilities={
            Capability.CHAT: Support.FULL,
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.FULL,
            Capability.TOOLS: Support.DEPENDS,
            Capability.IMAGES: Support.DEPENDS,
        },
    )
