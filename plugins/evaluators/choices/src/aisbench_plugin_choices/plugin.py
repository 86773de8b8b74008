"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, ReducerOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer]:
    return [
        EvaluatorOffer(
            name="choice",
            summary="The option that an answer takes, in words or by log-probability.",
            target="aisbench_plugin_choices.evaluator:ChoiceEvaluator",
            settings="aisbench_plugin_choices.settings:ChoiceSettings",
            reference="optional",
        )
    ]
