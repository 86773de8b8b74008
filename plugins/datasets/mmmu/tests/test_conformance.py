"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aisbench.api import Verdict
from aisbench_testkit.checks.evaluator import Gold
from aisbench_testkit.conformance import (
    DatasetConformance,
    EvaluatorConformance,
    PackagingConformance,
)


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


class TestOpenAnswers(EvaluatorConformance):
    offer = "mmmu-open"
    gold: ClassVar[Sequence[Gold]] = (
        Gold(answer="Step one gives 30.\nANSWER: 12.97", target="12.97", verdict=Verdict.RIGHT),
        Gold(answer="Step one gives 30.\nANSWER: 12.97", target="30", verdict=Verdict.WRONG),
        Gold(answer="about 3.429 m", target=["24/7", "3.429"], verdict=Verdict.RIGHT),
        Gold(answer="", target="7", verdict=Verdict.UNPARSED),
    )
