"""The conformance kit, on files in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-conversations"


class TestShareGpt(DatasetConformance):
    offer = "sharegpt"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/sharegpt.json"}


class TestMessages(DatasetConformance):
    offer = "sharegpt"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/messages.jsonl", "history": "recorded"}


class TestMtBenchTurns(DatasetConformance):
    offer = "mtbench-turns"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/question.jsonl"}


class TestMtBenchLast(DatasetConformance):
    offer = "mtbench-turns"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/question.jsonl",
        "answers": "data/answers.jsonl",
        "history": "last",
    }
