"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-picture-math"


class TestMathVision(DatasetConformance):
    offer = "mathvision"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mathvision"}
    snapshots = "snapshots/mathvision"


class TestMathVista(DatasetConformance):
    offer = "mathvista"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/mathvista"}
    snapshots = "snapshots/mathvista"


class TestGeometry(DatasetConformance):
    offer = "geometry3k"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/geometry3k"}
    snapshots = "snapshots/geometry3k"
