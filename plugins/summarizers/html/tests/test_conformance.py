"""The conformance kit: any result is shown, and nothing is written elsewhere."""

from __future__ import annotations

from aisbench_testkit.conformance import PackagingConformance, SummarizerConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-html"


class TestHtml(SummarizerConformance):
    offer = "html"
