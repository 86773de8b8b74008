"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="python-tests",
            summary="Runs the Python of an answer with the sample's tests, in a sandbox.",
            target="aisbench_plugin_code.evaluator:PythonTests",
            settings="aisbench_plugin_code.settings:PythonTestsSettings",
            cost="wait",
            reference="unused",
        )
    ]
