"""What this plugin offers. Light on purpose: vLLM is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="vllm-offline",
        summary="A model loaded by vLLM in this process, with its continuous batching.",
        target="aisbench_plugin_vllm_offline.backend:OfflineBackend",
        settings="aisbench_plugin_vllm_offline.settings:OfflineSettings",
        local=True,
        capabilities={
            Capability.TEXT: Support.FULL,
            Capability.TOKENS: Support.FULL,
            # Where the tokenizer has a template, or the suite names one.
            Capability.CHAT: Support.DEPENDS,
            Capability.TOOLS: Support.DEPENDS,
            # What the checkpoint takes.
            Capability.IMAGES: Support.DEPENDS,
            Capability.AUDIO: Support.DEPENDS,
            Capability.VIDEO: Support.DEPENDS,
            Capability.USAGE: Support.FULL,
            Capability.LOGPROBS: Support.FULL,
        },
    )
