"""What this plugin offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import BackendOffer, Capability, Support, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_backends() -> Iterable[BackendOffer]:
    yield BackendOffer(
        name="wirechat",
        summary="Plain text over a WebSocket: a message for each token.",
        target="aisbench_plugin_wirechat.transport:WireChat",
        settings="aisbench_plugin_wirechat.transport:WireChatSettings",
        transport="own",
        schemes=("ws", "wss"),
        capabilities={
            Capability.TEXT: Support.FULL,
            Capability.STREAM: Support.FULL,
            Capability.USAGE: Support.FULL,
        },
    )
