"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.3"

_P = "aisbench_plugin_picture_math"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="mathvision",
            summary="MathVision's own reading and comparison: a letter, an option's text, or a "
            "value to two decimals.",
            target=f"{_P}.mathvision:MathVisionEvaluator",
        ),
        EvaluatorOffer(
            name="mathvista",
            summary="MathVista's own comparison: the nearest option, integers cut, decimals "
            "rounded.",
            target=f"{_P}.mathvista:MathVistaEvaluator",
        ),
    ]
