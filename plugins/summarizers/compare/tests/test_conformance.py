"""The conformance kit: packaging, and the command."""

from __future__ import annotations

from aisbench_testkit.conformance import CommandConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-compare"


class TestCompare(CommandConformance):
    offer = "compare"
