"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Card, DatasetOffer, Published, hookimpl

AISBENCH_API = "1.1"

_LLAMA = "https://github.com/meta-llama/llama-models/blob/main/models/llama3_1/MODEL_CARD.md"


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
            card=Card(
                task="mathematics",
                rows={"train": 7473, "test": 1319},
                licence="MIT",
                source="https://github.com/openai/grade-school-math",
                layout="test.jsonl, train.jsonl",
                citation="K. Cobbe et al., Training Verifiers to Solve Math Word Problems, 2021 "
                "(arXiv:2110.14168)",
                published=(
                    Published(
                        model="Llama-3.1-8B-Instruct", value=84.5, how="8-shot CoT", source=_LLAMA
                    ),
                    Published(
                        model="Llama-3.1-70B-Instruct", value=95.1, how="8-shot CoT", source=_LLAMA
                    ),
                ),
            ),
        ),
        DatasetOffer(
            name="gsm8k-demo",
            summary="A few word problems in GSM8K's layout that need no download.",
            target="aisbench_plugin_gsm8k.demo:Gsm8kDemo",
            evaluator="numeric",
            metrics=("accuracy",),
            card=Card(
                task="mathematics",
                rows={"train": 8, "test": 28},
                licence="Apache-2.0",
                source="this package",
            ),
        ),
    ]
