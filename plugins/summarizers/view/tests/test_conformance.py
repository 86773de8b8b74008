"""The conformance kit: the package, and that the command explains itself."""

from __future__ import annotations

from aisbench_testkit.conformance import CommandConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-view"


class TestView(CommandConformance):
    offer = "view"
