"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import (
    DatasetConformance,
    JudgedEvaluatorConformance,
    PackagingConformance,
)


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-factuality"


class TestSimpleQa(DatasetConformance):
    offer = "simpleqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/simpleqa"}
    snapshots = "snapshots/simpleqa"


class TestHle(DatasetConformance):
    offer = "hle"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/hle"}
    snapshots = "snapshots/hle"


class TestHleFull(DatasetConformance):
    offer = "hle-full"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/hle-full"}
    snapshots = "snapshots/hle-full"


class TestSimpleQaGrader(JudgedEvaluatorConformance):
    offer = "judge-simpleqa"
    settings: ClassVar[Mapping[str, Any]] = {"judge": "gpt"}
    judgements = ("A",)


class TestHleJudge(JudgedEvaluatorConformance):
    offer = "judge-hle"
    settings: ClassVar[Mapping[str, Any]] = {"judge": "gpt"}
    judgements = ("correct: yes\nconfidence: 80%",)
