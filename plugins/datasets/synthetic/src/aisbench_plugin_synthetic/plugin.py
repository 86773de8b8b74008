"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Card, DatasetOffer, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="synthetic",
            summary="Prompts and answers of exact lengths by distributions; shared prefixes.",
            target="aisbench_plugin_synthetic.dataset:Synthetic",
            settings="aisbench_plugin_synthetic.settings:SyntheticSettings",
            evaluator=None,
            metrics=(),
            card=Card(
                task="workload", languages=("en",), licence="none", source="made when it is asked"
            ),
        ),
        DatasetOffer(
            name="synthetic-turns",
            summary="Conversations of exact lengths, such as agents', with shared prefixes.",
            target="aisbench_plugin_synthetic.turns:SyntheticTurns",
            settings="aisbench_plugin_synthetic.settings:TurnsSettings",
            evaluator=None,
            metrics=(),
            dialogue=True,
            play_cost="light",
            card=Card(
                task="workload of conversations",
                languages=("en",),
                licence="none",
                source="made when it is asked",
            ),
        ),
    ]
