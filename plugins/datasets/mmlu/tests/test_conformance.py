"""The conformance kit, on made-up rows in the published layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-mmlu"


class TestMmlu(DatasetConformance):
    offer = "mmlu"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data", "parts": ["astronomy", "virology"]}
    snapshots = "snapshots"


class TestMmluPro(DatasetConformance):
    offer = "mmlu-pro"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/mmlu-pro",
        "parts": ["biology", "computer science"],
    }
    snapshots = "snapshots/mmlu-pro"


class TestMmluRedux(DatasetConformance):
    offer = "mmlu-redux"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/mmlu-redux",
        "parts": ["astronomy", "virology"],
    }
    snapshots = "snapshots/mmlu-redux"


class TestMmluProLeaderboard(DatasetConformance):
    offer = "mmlu-pro-leaderboard"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmlu-pro"}
    snapshots = "snapshots/mmlu-pro-leaderboard"
