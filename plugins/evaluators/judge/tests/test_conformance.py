"""The conformance kit: names, packaging, settings."""

from __future__ import annotations

from aisbench_testkit.conformance import PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-judge"
