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
