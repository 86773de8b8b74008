"""What needs no client of the vendor's; tests/e2e/test_tracking.py has the rest."""

from __future__ import annotations

from aisbench_testkit.conformance import PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-tracking-otel"
