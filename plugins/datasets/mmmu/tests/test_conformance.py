"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-mmmu"


class TestMmmu(DatasetConformance):
    offer = "mmmu"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmmu", "parts": ["Art", "Math"]}
    snapshots = "snapshots/mmmu"


class TestMmmuPro(DatasetConformance):
    offer = "mmmu-pro"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmmu_pro"}
    snapshots = "snapshots/mmmu-pro"


class TestMmmuProFour(DatasetConformance):
    offer = "mmmu-pro-4"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmmu_pro"}
    snapshots = "snapshots/mmmu-pro-4"


class TestMmmuProVision(DatasetConformance):
    offer = "mmmu-pro-vision"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mmmu_pro"}
    snapshots = "snapshots/mmmu-pro-vision"
