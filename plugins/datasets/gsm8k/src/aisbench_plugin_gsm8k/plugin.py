"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import DatasetOffer, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="gsm8k",
            summary="Grade school math word problems (Cobbe et al. 2021): 1,319 test rows.",
            target="aisbench_plugin_gsm8k.dataset:Gsm8k",
            settings="aisbench_plugin_gsm8k.settings:Gsm8kSettings",
            evaluator="numeric",
            metrics=("accuracy",),
            downloads="aisbench_plugin_gsm8k.downloads:FILES",
        ),
        DatasetOffer(
            name="gsm8k-demo",
            summary="A few word problems in GSM8K's layout that need no download.",
            target="aisbench_plugin_gsm8k.demo:Gsm8kDemo",
            evaluator="numeric",
            metrics=("accuracy",),
        ),
    ]
