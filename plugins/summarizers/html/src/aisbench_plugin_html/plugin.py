"""What this package offers."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import SummarizerOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_summarizers() -> Iterable[SummarizerOffer]:
    return [
        SummarizerOffer(
            name="html",
            summary="report.html: the run as one page, with charts and answers, for a browser.",
            target="aisbench_plugin_html.summarizer:HtmlSummarizer",
            settings="aisbench_plugin_html.summarizer:HtmlSettings",
            default=True,
        )
    ]
