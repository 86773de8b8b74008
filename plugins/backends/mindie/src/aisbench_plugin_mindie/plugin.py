"""What this plugin offers. Light on purpose: the codecs are imported when a suite names them."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.3"

_TEXT = {
    Capability.TEXT: Support.FULL,
    Capability.STREAM: Support.FULL,
    # Of the answer; none of MindIE's own routes counts the prompt.
    Capability.USAGE: Support.DEPENDS,
}


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="mindie-infer",
        summary="Plain text to MindIE's own route (/infer).",
        target="aisbench_plugin_mindie.routes:MindieInferBackend",
        settings="aisbench_plugin_mindie.settings:MindieSettings",
        capabilities=_TEXT,
    )
    yield BackendOffer(
        name="mindie-token",
        summary="Token ids to MindIE's own route (/infer_token).",
        target="aisbench_plugin_mindie.routes:MindieTokenBackend",
        settings="aisbench_plugin_mindie.settings:MindieSettings",
        capabilities={
            Capability.TOKENS: Support.FULL,
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.DEPENDS,
        },
    )
    yield BackendOffer(
        name="mindie-generate",
        summary="Plain text to MindIE's route in TGI's form (/generate, /generate_stream).",
        target="aisbench_plugin_mindie.routes:MindieGenerateBackend",
        settings="aisbench_plugin_mindie.settings:MindieSettings",
        capabilities=_TEXT,
    )
    yield BackendOffer(
        name="mindie-media",
        summary="Pictures, sounds and films to MindIE's route in TGI's form (/generate).",
        target="aisbench_plugin_mindie.routes:MindieMediaBackend",
        settings="aisbench_plugin_mindie.settings:MindieSettings",
        capabilities={
            Capability.CHAT: Support.DEPENDS,  # no template: turns in a row
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.DEPENDS,
            Capability.IMAGES: Support.DEPENDS,
            Capability.AUDIO: Support.DEPENDS,
            Capability.VIDEO: Support.DEPENDS,
        },
    )
    yield BackendOffer(
        name="mindie-triton",
        summary="Plain text to MindIE's route in Triton's form (/v2/models/NAME/generate).",
        target="aisbench_plugin_mindie.routes:MindieTritonBackend",
        settings="aisbench_plugin_mindie.settings:MindieSettings",
        capabilities=_TEXT,
    )
