"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-mbpp"


class TestMbpp(DatasetConformance):
    offer = "mbpp"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/mbpp"


class TestMbppSanitized(DatasetConformance):
    offer = "mbpp-sanitized"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/mbpp-sanitized"


class TestMbppPlus(DatasetConformance):
    offer = "mbpp-plus"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/mbpp-plus"
