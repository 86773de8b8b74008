"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import TunerOffer, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_tuners() -> Iterable[TunerOffer]:
    return [
        TunerOffer(
            name="optuna",
            summary="Bayesian search (TPE, Gaussian process and others) with Optuna.",
            target="aisbench_plugin_tune_optuna.tuner:OptunaTuner",
            settings="aisbench_plugin_tune_optuna.tuner:OptunaSettings",
        )
    ]
