"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Card, DatasetOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="sharegpt",
            summary="Recorded conversations in ShareGPT's layout, turn by turn.",
            target="aisbench_plugin_conversations.sharegpt:ShareGpt",
            settings="aisbench_plugin_conversations.settings:ShareGptSettings",
            downloads="aisbench_plugin_conversations.downloads:SHAREGPT",
            card=Card(
                task="workload of conversations",
                languages=(),
                licence="none stated",
                source="https://huggingface.co/datasets/anon8231489123/ShareGPT_Vicuna_unfiltered",
                layout="ShareGPT_V3_unfiltered_cleaned_split.json",
            ),
            dialogue=True,
            play_cost="light",
        ),
        DatasetOffer(
            name="mtbench-turns",
            summary="MT-Bench's 80 questions of two turns, as a workload: nobody judges them.",
            target="aisbench_plugin_conversations.mtbench:MtBenchTurns",
            settings="aisbench_plugin_conversations.settings:MtBenchTurnsSettings",
            downloads="aisbench_plugin_conversations.downloads:MTBENCH",
            card=Card(
                task="workload of conversations",
                rows={"question": 80},
                licence="Apache-2.0",
                source="https://github.com/lm-sys/FastChat/tree/main/fastchat/llm_judge",
                layout="question.jsonl",
                citation="L. Zheng et al., Judging LLM-as-a-Judge with MT-Bench and Chatbot "
                "Arena, NeurIPS 2023 (arXiv:2306.05685)",
            ),
            dialogue=True,
            play_cost="light",
        ),
    ]
