"""The conformance kit: packaging, and the command that the simulator offers."""

from __future__ import annotations

from aisbench_testkit.conformance import CommandConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-simulator"


class TestSimulate(CommandConformance):
    offer = "simulate"
