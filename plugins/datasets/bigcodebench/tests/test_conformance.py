"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-bigcodebench"


class TestBigCodeBench(DatasetConformance):
    offer = "bigcodebench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/bigcodebench"


class TestBigCodeBenchHard(DatasetConformance):
    offer = "bigcodebench-hard"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/bigcodebench-hard"
