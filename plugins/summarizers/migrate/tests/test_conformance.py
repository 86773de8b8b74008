"""The conformance kit's view of the package."""

from __future__ import annotations

from aisbench_testkit.conformance import PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-migrate"
