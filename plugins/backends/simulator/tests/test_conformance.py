"""The conformance kit: the simulator offers a command, so its packaging is what there is."""

from __future__ import annotations

from aisbench_testkit.conformance import PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-simulator"
