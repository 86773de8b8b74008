"""What this plugin offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="sealed",
        summary="One question, one answer, signed as AWS's Signature Version 4 has it.",
        target="aisbench_plugin_sealed.backend:SealedBackend",
        settings="aisbench_plugin_sealed.backend:SealedSettings",
        capabilities={Capability.TEXT: Support.FULL},
    )
