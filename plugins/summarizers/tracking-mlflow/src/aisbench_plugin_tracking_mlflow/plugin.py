"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import ObserverOffer, hookimpl

AISBENCH_API = "1.2"


@hookimpl
def aisbench_observers() -> Iterable[ObserverOffer]:
    return [
        ObserverOffer(
            name="mlflow",
            summary="A run of MLflow for each run: parameters, figures, files.",
            target="aisbench_plugin_tracking_mlflow.observer:MlflowObserver",
            settings="aisbench_plugin_tracking_mlflow.observer:MlflowSettings",
        )
    ]
