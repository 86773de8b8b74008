"""The conformance kit: both commands."""

from __future__ import annotations

from aisbench_testkit.conformance import CommandConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-exports"


class TestExport(CommandConformance):
    offer = "export"
    arguments = ("--schema",)


class TestLeaderboard(CommandConformance):
    offer = "leaderboard"
