"""The conformance kit."""

from __future__ import annotations

from aisbench_testkit.conformance import EvaluatorConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-choices"


class TestLikeliest(EvaluatorConformance):
    offer = "likeliest"
