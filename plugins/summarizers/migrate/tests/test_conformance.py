"""The conformance kit's view of the package."""

from __future__ import annotations

from aisbench_testkit.conformance import CommandConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-migrate"


class TestMigrate(CommandConformance):
    offer = "migrate"
    arguments = ("vllm bench serve --model q --max-concurrency 2",)
