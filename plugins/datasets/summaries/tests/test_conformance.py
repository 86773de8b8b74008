"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-summaries"


class TestXSum(DatasetConformance):
    offer = "xsum"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/xsum"}
    snapshots = "snapshots/xsum"


class TestCnnDailyMail(DatasetConformance):
    offer = "cnn-dailymail"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/cnn-dailymail"}
    snapshots = "snapshots/cnn-dailymail"


class TestDialogSum(DatasetConformance):
    offer = "dialogsum"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/dialogsum"}
    snapshots = "snapshots/dialogsum"


class TestLcsts(DatasetConformance):
    offer = "lcsts"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/lcsts"}
    snapshots = "snapshots/lcsts"


class TestCslSummary(DatasetConformance):
    offer = "csl-summary"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/csl-summary"}
    snapshots = "snapshots/csl-summary"


class TestFlores(DatasetConformance):
    offer = "flores"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/flores", "parts": ["deu_Latn", "zho_Hans"]
    }  # fmt: skip
    snapshots = "snapshots/flores"


class TestFloresToEnglish(DatasetConformance):
    offer = "flores-to-english"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/flores", "parts": ["deu_Latn", "zho_Hans"]
    }  # fmt: skip
    snapshots = "snapshots/flores-to-english"
