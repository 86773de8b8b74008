"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Capability, Card, DatasetOffer, TemplateOffer, hookimpl

AISBENCH_API = "1.3"


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name="custom",
            summary="Your own JSONL or CSV: questions, multiple choice, or whole chats.",
            target="aisbench_plugin_custom.dataset:Custom",
            settings="aisbench_plugin_custom.settings:CustomSettings",
            evaluator="auto",
            card=Card(
                task="your own",
                languages=(),
                licence="yours",
                source="a file of yours",
                layout="JSONL or CSV; columns by name, options in A, B, C, ... or a list",
            ),
        )
    ]


@hookimpl
def aisbench_prompts() -> Iterable[TemplateOffer]:
    return [
        TemplateOffer(
            name="custom-chat",
            summary="Chat messages that fit each row: its system text, its options, its own chat.",
            target="aisbench_plugin_custom.templates:RowChat",
            settings="aisbench_plugin_custom.templates:RowChatSettings",
            form=Capability.CHAT,
        ),
        TemplateOffer(
            name="custom-text",
            summary="One string that fits each row: its system text, its options.",
            target="aisbench_plugin_custom.templates:RowText",
            settings="aisbench_plugin_custom.templates:RowTextSettings",
            form=Capability.TEXT,
        ),
    ]
