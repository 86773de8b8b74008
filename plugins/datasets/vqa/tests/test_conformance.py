"""The conformance kit, on made-up rows in VLMEvalKit's layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-vqa"


class TestTextVqa(DatasetConformance):
    offer = "textvqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/textvqa"


class TestDocVqa(DatasetConformance):
    offer = "docvqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/docvqa"


class TestInfoVqa(DatasetConformance):
    offer = "infovqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/infovqa"


class TestChartQa(DatasetConformance):
    offer = "chartqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/chartqa"


class TestOcrBench(DatasetConformance):
    offer = "ocrbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/ocrbench"
