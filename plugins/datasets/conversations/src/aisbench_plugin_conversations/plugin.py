"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import DatasetOffer, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="sharegpt",
            summary="Recorded conversations in ShareGPT's layout, turn by turn.",
            target="aisbench_plugin_conversations.sharegpt:ShareGpt",
            settings="aisbench_plugin_conversations.settings:ShareGptSettings",
            downloads="aisbench_plugin_conversations.downloads:SHAREGPT",
            dialogue=True,
        ),
        DatasetOffer(
            name="mtbench-turns",
            summary="MT-Bench's 80 questions of two turns, as a workload: nobody judges them.",
            target="aisbench_plugin_conversations.mtbench:MtBenchTurns",
            settings="aisbench_plugin_conversations.settings:MtBenchTurnsSettings",
            downloads="aisbench_plugin_conversations.downloads:MTBENCH",
            dialogue=True,
        ),
    ]
