"""Core's own offers, found and listed like any plugin's: plain templates and retrievers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import Capability, RetrieverOffer, TemplateOffer, hookimpl

AISBENCH_API = 1


@hookimpl
def aisbench_prompts() -> Iterable[TemplateOffer | RetrieverOffer]:
    return [
        TemplateOffer(
            name="chat",
            summary="Chat messages: system text, few-shot turns, the question.",
            target="aisbench.prompting.templates:ChatTemplate",
            settings="aisbench.prompting.templates:ChatSettings",
            form=Capability.CHAT,
        ),
        TemplateOffer(
            name="text",
            summary="One string: an introduction, few-shot examples, the question.",
            target="aisbench.prompting.templates:TextTemplate",
            settings="aisbench.prompting.templates:TextSettings",
            form=Capability.TEXT,
        ),
        RetrieverOffer(
            name="fixed",
            summary="The examples with the given ids, or the first ones of the pool.",
            target="aisbench.prompting.retrievers:FixedRetriever",
            settings="aisbench.prompting.retrievers:FixedSettings",
        ),
        RetrieverOffer(
            name="random",
            summary="Examples drawn with the suite's seed, anew for each question.",
            target="aisbench.prompting.retrievers:RandomRetriever",
        ),
    ]
