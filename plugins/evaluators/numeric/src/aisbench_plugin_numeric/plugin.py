"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, ReducerOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer]:
    return [
        EvaluatorOffer(
            name="numeric",
            summary="The final number of an answer against the reference number.",
            target="aisbench_plugin_numeric.evaluator:NumericEvaluator",
            settings="aisbench_plugin_numeric.settings:NumericSettings",
        )
    ]
