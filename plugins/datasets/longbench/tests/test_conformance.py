"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-longbench"


class TestLongBench(DatasetConformance):
    offer = "longbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/longbench"}
    snapshots = "snapshots/longbench"


class TestLongBenchE(DatasetConformance):
    offer = "longbench-e"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/longbench-e"}
    snapshots = "snapshots/longbench-e"


class TestLongBenchV2(DatasetConformance):
    offer = "longbench-v2"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/longbench-v2"}
    snapshots = "snapshots/longbench-v2"
