"""The conformance kit, with answers in the form of the servers' documentation (tests/recorded)."""

from __future__ import annotations

from aisbench_testkit.conformance import PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-endpoints"
