"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import (
    Capability,
    Card,
    DatasetOffer,
    EvaluatorOffer,
    ReducerOffer,
    TemplateOffer,
    hookimpl,
)

AISBENCH_API = "1.1"

_P = "aisbench_plugin_bfcl"


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="bfcl",
            summary="Function calls, single and over several turns (Patil et al. 2025, v4).",
            target=f"{_P}.dataset:Bfcl",
            settings=f"{_P}.settings:BfclSettings",
            evaluator="function-calls",
            metrics=("accuracy", "format-sensitivity"),
            needs=frozenset({Capability.CHAT}),
            dialogue=True,
            groups=f"{_P}.categories:GROUPS",
            card=Card(
                task="function calling",
                rows={
                    "non-live": 1390,
                    "live": 2251,
                    "multi-turn": 800,
                    "memory": 465,
                    "format_sensitivity": 5200,
                },
                licence="Apache-2.0",
                source="the package bfcl-eval (https://github.com/ShishirPatil/gorilla)",
                layout='pip install --no-deps "bfcl-eval==2026.3.23"',
                citation="S. Patil et al., The Berkeley Function Calling Leaderboard (BFCL), "
                "ICML 2025",
            ),
        )
    ]


@hookimpl
def aisbench_prompts() -> Iterable[TemplateOffer]:
    return [
        TemplateOffer(
            name="bfcl-tools",
            summary="BFCL's question with its functions as tools.",
            target=f"{_P}.templates:ToolsTemplate",
            form=Capability.CHAT,
            needs=frozenset({Capability.TOOLS}),
        ),
        TemplateOffer(
            name="bfcl-text",
            summary="BFCL's question behind a description of its functions.",
            target=f"{_P}.templates:FunctionsTextTemplate",
            form=Capability.CHAT,
        ),
    ]


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer | ReducerOffer]:
    return [
        EvaluatorOffer(
            name="function-calls",
            summary="BFCL's checkers: calls among the possible ones, states of services.",
            target=f"{_P}.evaluator:FunctionCalls",
            cost="compute",
            reference="unused",
        ),
        ReducerOffer(
            name="format-sensitivity",
            summary="BFCL's largest difference and deviation between its 26 system prompts.",
            target=f"{_P}.formats:FormatSensitivity",
        ),
    ]
