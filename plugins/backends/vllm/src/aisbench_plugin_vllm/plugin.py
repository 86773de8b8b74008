"""What this plugin offers. Light on purpose: the codecs are imported when a suite names them."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.3"

_FAMILIES = {
    "vllm": "vLLM, SGLang, MindIE and other OpenAI-compatible servers",
    "openai": "any server of the OpenAI API",
}


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    for family, servers in _FAMILIES.items():
        yield BackendOffer(
            name=f"{family}-chat",
            summary=f"Chat messages to {servers} (/v1/chat/completions).",
            target="aisbench_plugin_vllm.chat:ChatBackend",
            settings="aisbench_plugin_vllm.settings:OpenAiChatSettings",
            capabilities={
                Capability.CHAT: Support.FULL,
                Capability.STREAM: Support.FULL,
                Capability.USAGE: Support.FULL,
                # What follows is in the API; model and server must have it too.
                Capability.TOOLS: Support.DEPENDS,
                Capability.IMAGES: Support.DEPENDS,
                Capability.AUDIO: Support.DEPENDS,
                Capability.VIDEO: Support.DEPENDS,
                Capability.LOGPROBS: Support.DEPENDS,
            },
        )
        yield BackendOffer(
            name=f"{family}-completions",
            summary=f"Plain text or token ids to {servers} (/v1/completions).",
            target="aisbench_plugin_vllm.completions:CompletionsBackend",
            settings="aisbench_plugin_vllm.settings:OpenAiCompletionsSettings",
            capabilities={
                Capability.TEXT: Support.FULL,
                # Part of the API, yet not every server and gateway takes it.
                Capability.TOKENS: Support.DEPENDS,
                Capability.STREAM: Support.FULL,
                Capability.USAGE: Support.FULL,
                Capability.LOGPROBS: Support.DEPENDS,
            },
        )
    yield BackendOffer(
        name="openai-responses",
        summary="Chat messages to servers of OpenAI's Responses API (/v1/responses).",
        target="aisbench_plugin_vllm.responses:ResponsesBackend",
        settings="aisbench_plugin_vllm.settings:OpenAiResponsesSettings",
        capabilities={
            Capability.CHAT: Support.FULL,
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.FULL,
            Capability.TOOLS: Support.DEPENDS,
            Capability.IMAGES: Support.DEPENDS,
            Capability.AUDIO: Support.DEPENDS,
        },
    )
    yield BackendOffer(
        name="vllm-generate",
        summary="Plain text to vLLM's old demonstration API (/generate).",
        target="aisbench_plugin_vllm.old_generate:OldGenerateBackend",
        settings="aisbench_plugin_vllm.settings:OldGenerateSettings",
        capabilities={Capability.TEXT: Support.FULL, Capability.STREAM: Support.FULL},
    )
