"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.3"

_P = "aisbench_plugin_mmmu"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="mmmu-open",
            summary="MMMU's rule for answers in words or numbers, of what an answer states.",
            target=f"{_P}.open_answers:OpenAnswers",
            settings=f"{_P}.settings:OpenSettings",
            reference="optional",
        )
    ]
