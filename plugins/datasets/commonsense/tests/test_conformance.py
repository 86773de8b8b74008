"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-commonsense"


class TestHellaSwag(DatasetConformance):
    offer = "hellaswag"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/hellaswag"}
    snapshots = "snapshots/hellaswag"


class TestBoolQ(DatasetConformance):
    offer = "boolq"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/boolq"}
    snapshots = "snapshots/boolq"


class TestArcChallenge(DatasetConformance):
    offer = "arc-challenge"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/arc-challenge"}
    snapshots = "snapshots/arc-challenge"


class TestArcEasy(DatasetConformance):
    offer = "arc-easy"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/arc-easy"}
    snapshots = "snapshots/arc-easy"


class TestCommonsenseQa(DatasetConformance):
    offer = "commonsenseqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/commonsenseqa"}
    snapshots = "snapshots/commonsenseqa"


class TestOpenBookQa(DatasetConformance):
    offer = "openbookqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/openbookqa"}
    snapshots = "snapshots/openbookqa"


class TestWinoGrande(DatasetConformance):
    offer = "winogrande"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/winogrande"}
    snapshots = "snapshots/winogrande"


class TestPiqa(DatasetConformance):
    offer = "piqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/piqa"}
    snapshots = "snapshots/piqa"


class TestSocialIqa(DatasetConformance):
    offer = "siqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/siqa"}
    snapshots = "snapshots/siqa"


class TestRace(DatasetConformance):
    offer = "race"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/race"}
    snapshots = "snapshots/race"


class TestRaceLast(DatasetConformance):
    offer = "race-last"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/race-last"}
    snapshots = "snapshots/race-last"


class TestRaceJsonl(DatasetConformance):
    offer = "race-jsonl"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/race-jsonl"}
    snapshots = "snapshots/race-jsonl"


class TestTruthfulQaOne(DatasetConformance):
    offer = "truthfulqa-mc1"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/truthfulqa"}
    snapshots = "snapshots/truthfulqa-mc1"


class TestTruthfulQaTwo(DatasetConformance):
    offer = "truthfulqa-mc2"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/truthfulqa-hub"}
    snapshots = "snapshots/truthfulqa-mc2"
