"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, ReducerOffer, hookimpl

AISBENCH_API = "1.1"

_P = "aisbench_plugin_factuality"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer]:
    return [
        EvaluatorOffer(
            name="judge-simpleqa",
            summary="Another model grades answers with SimpleQA's prompt: correct, incorrect, "
            "not attempted.",
            target=f"{_P}.simpleqa:SimpleQaGrader",
            settings=f"{_P}.settings:GraderSettings",
            judged=True,
        ),
        EvaluatorOffer(
            name="judge-hle",
            summary="Another model judges answers with the prompt of Humanity's Last Exam.",
            target=f"{_P}.hle:HleJudge",
            settings=f"{_P}.settings:GraderSettings",
            judged=True,
        ),
        ReducerOffer(
            name="calibration-error",
            summary="How far a model's own sureness is from how often it is right (RMS).",
            target=f"{_P}.calibration:CalibrationError",
        ),
    ]
