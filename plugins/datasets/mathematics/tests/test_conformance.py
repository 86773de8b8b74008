"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-mathematics"


class TestMath(DatasetConformance):
    offer = "math"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/math"}
    snapshots = "snapshots/math"


class TestAime2024(DatasetConformance):
    offer = "aime-2024"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/aime-2024"}
    snapshots = "snapshots/aime-2024"


class TestAime2025(DatasetConformance):
    offer = "aime-2025"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/aime-2025"}
    snapshots = "snapshots/aime-2025"


class TestAime2026(DatasetConformance):
    offer = "aime-2026"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/aime-2026"}
    snapshots = "snapshots/aime-2026"


class TestDapoMath(DatasetConformance):
    offer = "dapo-math"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/dapo-math"}
    snapshots = "snapshots/dapo-math"


class TestOlympiadBench(DatasetConformance):
    offer = "olympiadbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/olympiadbench"}
    snapshots = "snapshots/olympiadbench"
