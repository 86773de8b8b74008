"""The conformance kit, on made-up functions in the published layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-humaneval"


class TestHumanEval(DatasetConformance):
    offer = "humaneval"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots"


class TestHumanEvalPlus(DatasetConformance):
    offer = "humaneval-plus"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}


class TestHumanEvalPlusInputs(DatasetConformance):
    offer = "humaneval-plus-inputs"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/inputs"}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/inputs"


class TestHumanEvalX(DatasetConformance):
    offer = "humaneval-x"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/x", "parts": ["python"]}
    evaluation: ClassVar[Mapping[str, Any]] = {"run_code": True}
    snapshots = "snapshots/x"
