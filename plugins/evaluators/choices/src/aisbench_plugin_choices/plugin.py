"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, ReducerOffer, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer]:
    return [
        EvaluatorOffer(
            name="likeliest",
            summary="The choice with the highest log-probability against the reference.",
            target="aisbench_plugin_choices.evaluator:LikeliestEvaluator",
            settings="aisbench_plugin_choices.evaluator:LikeliestSettings",
        )
    ]
