"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import ObserverOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_observers() -> Iterable[ObserverOffer]:
    return [
        ObserverOffer(
            name="otel",
            summary="Figures and sessions as metrics and traces over OTLP.",
            target="aisbench_plugin_tracking_otel.observer:OtelObserver",
            settings="aisbench_plugin_tracking_otel.observer:OtelSettings",
        )
    ]
