"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    yield EvaluatorOffer(
        name="wer",
        summary="Word error rate of a transcript, or that of characters, after Whisper's rules.",
        target="aisbench_plugin_speech.error_rate:ErrorRateEvaluator",
        settings="aisbench_plugin_speech.settings:ErrorRateSettings",
        metrics=("measures",),
    )
