"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import SummarizerOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_summarizers() -> Iterable[SummarizerOffer]:
    return [
        SummarizerOffer(
            name="table",
            summary="A table in the terminal, a column a model, and summary.txt.",
            target="aisbench_plugin_table.summarizer:TableSummarizer",
            default=True,
        )
    ]
