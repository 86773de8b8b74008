"""What this plugin offers. Light on purpose: torch is imported when a suite names the backend."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="hf",
        summary="A model loaded with Hugging Face Transformers in this process.",
        target="aisbench_plugin_transformers.backend:HfBackend",
        settings="aisbench_plugin_transformers.settings:HfSettings",
        local=True,
        capabilities={
            Capability.TEXT: Support.FULL,
            Capability.TOKENS: Support.FULL,
            # Where the tokenizer has a template, or the suite names one.
            Capability.CHAT: Support.DEPENDS,
            Capability.TOOLS: Support.DEPENDS,
            # What the checkpoint's processor takes.
            Capability.IMAGES: Support.DEPENDS,
            Capability.AUDIO: Support.DEPENDS,
            Capability.VIDEO: Support.DEPENDS,
            Capability.USAGE: Support.FULL,
            Capability.LOGPROBS: Support.FULL,
        },
    )
