"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aisbench.api import Sample, Verdict
from aisbench_testkit.checks.evaluator import Gold
from aisbench_testkit.conformance import (
    DatasetConformance,
    EvaluatorConformance,
    PackagingConformance,
)


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


class TestMathVisionRule(EvaluatorConformance):
    offer = "mathvision"
    gold: ClassVar[Sequence[Gold]] = (
        Gold(answer="The answer is $\\frac{16}{7}$.", target="16/7", verdict=Verdict.RIGHT),
        Gold(answer="\\boxed{7}", target="8", verdict=Verdict.WRONG),
        Gold(answer="", target="8", verdict=Verdict.UNPARSED),
    )


class TestMathVistaRule(EvaluatorConformance):
    offer = "mathvista"
    sample = Sample(
        id="test-0",
        target="12",
        fields={"question": "How many?", "choices": [], "answer_type": "integer"},
    )
