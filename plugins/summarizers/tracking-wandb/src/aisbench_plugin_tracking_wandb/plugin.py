"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import ObserverOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_observers() -> Iterable[ObserverOffer]:
    return [
        ObserverOffer(
            name="wandb",
            summary="A run of Weights & Biases for each run: config, figures, files.",
            target="aisbench_plugin_tracking_wandb.observer:WandbObserver",
            settings="aisbench_plugin_tracking_wandb.observer:WandbSettings",
        )
    ]
