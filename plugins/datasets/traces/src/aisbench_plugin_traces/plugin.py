"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Capability, Card, DatasetOffer, TemplateOffer, hookimpl

AISBENCH_API = "1.3"

_OFFERS = (
    (
        "mooncake",
        "mooncake:Mooncake",
        "Mooncake's traces (FAST 2025): lengths, times and shared blocks.",
        "Apache-2.0",
        "https://github.com/kvcache-ai/Mooncake (FAST25-release)",
    ),
    (
        "burstgpt",
        "burstgpt:BurstGpt",
        "BurstGPT's traces: lengths and times of ChatGPT and GPT-4.",
        "CC BY 4.0",
        "https://github.com/HPMLL/BurstGPT",
    ),
    (
        "azure-llm",
        "azure:Azure",
        "Azure's LLM inference traces: lengths and times of two services.",
        "CC BY 4.0",
        "https://github.com/Azure/AzurePublicDataset",
    ),
    (
        "bailian",
        "bailian:Bailian",
        "Qwen on Bailian (ATC 2025): chats that lead to others, with shared blocks.",
        "Apache-2.0",
        "https://github.com/alibaba-edu/qwen-bailian-usagetraces-anon",
    ),
    (
        "weka",
        "weka:Weka",
        "Weka's traces of coding agents: sub-agents, tools' pauses, shared blocks.",
        "Apache-2.0",
        "https://github.com/callanjfox/kv-cache-tester",
    ),
    (
        "otel",
        "otel:OtelTrace",
        "Agents' traces of your own as OpenTelemetry's spans (gen_ai.*).",
        "yours",
        "a file of yours",
    ),
    (
        "trace",
        "own_format:OwnFormat",
        "A trace of your own as JSON lines: lengths or texts, times, what waits for what.",
        "yours",
        "a file of yours",
    ),
)


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [
        DatasetOffer(
            name=name,
            summary=summary,
            target=f"aisbench_plugin_traces.{target}",
            settings=f"aisbench_plugin_traces.settings:{target.partition(':')[2]}Settings",
            evaluator=None,
            metrics=(),
            card=Card(task="trace of requests", languages=(), licence=licence, source=source),
        )
        for name, target, summary, licence, source in _OFFERS
    ]


@hookimpl
def aisbench_prompts() -> Iterable[TemplateOffer]:
    return [
        TemplateOffer(
            name="trace-messages",
            summary="A trace's own chat messages, or its prompt as one of the user.",
            target="aisbench_plugin_traces.template:MessagesTemplate",
            settings="aisbench_plugin_traces.template:MessagesSettings",
            form=Capability.CHAT,
        ),
    ]
