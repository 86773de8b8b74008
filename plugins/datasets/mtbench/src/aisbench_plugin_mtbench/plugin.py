"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Capability, Card, DatasetOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="mtbench",
            summary="80 conversations of two turns, rated by a model (Zheng et al. 2023).",
            target="aisbench_plugin_mtbench.dataset:MtBench",
            settings="aisbench_plugin_mtbench.dataset:MtBenchSettings",
            evaluator="judge-rating",
            metrics=("measures",),
            downloads="aisbench_plugin_mtbench.downloads:FILES",
            needs=frozenset({Capability.CHAT}),
            dialogue=True,
            play_cost="light",
            card=Card(
                task="conversation, judged by a model",
                rows={"question": 80},
                licence="Apache-2.0",
                source="https://github.com/lm-sys/FastChat/tree/main/fastchat/llm_judge",
                layout="question.jsonl, judge_prompts.jsonl, gpt-4.jsonl (reference answers)",
                citation="L. Zheng et al., Judging LLM-as-a-Judge with MT-Bench and Chatbot "
                "Arena, NeurIPS 2023 (arXiv:2306.05685)",
            ),
        )
    ]
