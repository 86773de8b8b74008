"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import SummarizerOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_summarizers() -> Iterable[SummarizerOffer]:
    return [
        SummarizerOffer(
            name="files",
            summary="summary.csv, summary.md and summary.json, with plain numbers.",
            target="aisbench_plugin_files.summarizer:FilesSummarizer",
            settings="aisbench_plugin_files.summarizer:FilesSettings",
            default=True,
        )
    ]
