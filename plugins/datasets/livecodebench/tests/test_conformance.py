"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-livecodebench"


class TestLiveCodeBench(DatasetConformance):
    offer = "livecodebench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data", "parts": ["v1", "v6"]}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/livecodebench"
