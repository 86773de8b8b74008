"""What this plugin offers beside its data sets; imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"

_P = "aisbench_plugin_documents"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="ocrbench-v2",
            summary="The rule of each of OCRBench v2's thirty tasks.",
            target=f"{_P}.ocrbench_v2:OcrBenchV2Evaluator",
            settings=f"{_P}.ocrbench_v2:OcrBenchV2Settings",
            cost="compute",
        ),
        EvaluatorOffer(
            name="omnidocbench",
            summary="A page in Markdown against its elements (OmniDocBench): edits, TEDS, order.",
            target=f"{_P}.omnidocbench:OmniDocBenchEvaluator",
            cost="compute",
        ),
    ]
