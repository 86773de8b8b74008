"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-picture-choices"


class TestMmStar(DatasetConformance):
    offer = "mmstar"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmstar"}
    snapshots = "snapshots/mmstar"


class TestMmBench(DatasetConformance):
    offer = "mmbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmbench"}
    snapshots = "snapshots/mmbench"


class TestMmBenchCn(DatasetConformance):
    offer = "mmbench-cn"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmbench"}
    snapshots = "snapshots/mmbench-cn"


class TestCcBench(DatasetConformance):
    offer = "ccbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmbench"}
    snapshots = "snapshots/ccbench"


class TestRealWorldQa(DatasetConformance):
    offer = "realworldqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/realworldqa"}
    snapshots = "snapshots/realworldqa"
