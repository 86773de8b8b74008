"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="math",
            summary="A number, expression, set or interval that means the same as the reference.",
            target="aisbench_plugin_math.evaluator:MathEvaluator",
            settings="aisbench_plugin_math.settings:MathSettings",
            cost="compute",
        )
    ]
