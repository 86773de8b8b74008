"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="instructions",
            summary="Checks whether instructions were followed (IFEval), strictly and loosely.",
            target="aisbench_plugin_ifeval.evaluator:Instructions",
            cost="compute",
            reference="unused",
        )
    ]
