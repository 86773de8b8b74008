"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-exams-zh"


class TestLawBench(DatasetConformance):
    offer = "lawbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/lawbench"}
    snapshots = "snapshots/lawbench"


class TestGaokaoBench(DatasetConformance):
    offer = "gaokao-bench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/gaokao-bench"}
    snapshots = "snapshots/gaokao-bench"
