"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-reading"


class TestDrop(DatasetConformance):
    offer = "drop"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/drop"}
    snapshots = "snapshots/drop"


class TestTriviaQa(DatasetConformance):
    offer = "triviaqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/triviaqa"}
    snapshots = "snapshots/triviaqa"


class TestTriviaQaUnfiltered(DatasetConformance):
    offer = "triviaqa-unfiltered"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/triviaqa-unfiltered"}
    snapshots = "snapshots/triviaqa-unfiltered"


class TestTriviaQaCsv(DatasetConformance):
    offer = "triviaqa-csv"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/triviaqa-csv"}
    snapshots = "snapshots/triviaqa-csv"


class TestSquad(DatasetConformance):
    offer = "squad"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/squad"}
    snapshots = "snapshots/squad"


class TestSquadTwo(DatasetConformance):
    offer = "squad2"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/squad2"}
    snapshots = "snapshots/squad2"


class TestLambada(DatasetConformance):
    offer = "lambada"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/lambada"}
    snapshots = "snapshots/lambada"


class TestLambadaStandard(DatasetConformance):
    offer = "lambada-standard"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/lambada-standard"}
    snapshots = "snapshots/lambada-standard"


class TestLambadaJsonl(DatasetConformance):
    offer = "lambada-jsonl"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/lambada-jsonl"}
    snapshots = "snapshots/lambada-jsonl"
