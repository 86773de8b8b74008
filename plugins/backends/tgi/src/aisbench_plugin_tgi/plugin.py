"""What this plugin offers. Light on purpose: the codec is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="tgi-generate",
        summary="Plain text to Text Generation Inference (/generate, /generate_stream).",
        target="aisbench_plugin_tgi.backend:TgiBackend",
        settings="aisbench_plugin_tgi.settings:TgiSettings",
        capabilities={
            Capability.TEXT: Support.FULL,
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.FULL,
            # Not with every model, and not where prefix caching is forced.
            Capability.LOGPROBS: Support.DEPENDS,
        },
    )
    yield BackendOffer(
        name="tgi-pictures",
        summary="Pictures in a text to Text Generation Inference (/generate), as Markdown.",
        target="aisbench_plugin_tgi.pictures:TgiPictureBackend",
        settings="aisbench_plugin_tgi.settings:TgiSettings",
        capabilities={
            Capability.CHAT: Support.DEPENDS,  # no template: turns in a row
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.FULL,
            Capability.IMAGES: Support.DEPENDS,
        },
    )
