"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import ObserverOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_observers() -> Iterable[ObserverOffer]:
    return [
        ObserverOffer(
            name="swanlab",
            summary="An experiment of SwanLab for each run: config, figures, files.",
            target="aisbench_plugin_tracking_swanlab.observer:SwanlabObserver",
            settings="aisbench_plugin_tracking_swanlab.observer:SwanlabSettings",
        )
    ]
