"""The conformance kit, on made-up files in the published layouts and a small tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench.api import Verdict
from aisbench_testkit.conformance import (
    DatasetConformance,
    EvaluatorConformance,
    Gold,
    PackagingConformance,
    TemplateConformance,
)

TOKENIZER = "data/tokenizer.json"


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-needles"


class TestNeedleMatch(EvaluatorConformance):
    offer = "needle-match"
    gold = (
        Gold(target=["1234567"], answer="It is 1234567.", verdict=Verdict.RIGHT),
        Gold(target=["1234567", "7654321"], answer="1234567", verdict=Verdict.GRADED),
        Gold(target=["1234567"], answer="I do not know.", verdict=Verdict.WRONG),
        Gold(target=["1234567"], answer=" ", verdict=Verdict.UNPARSED),
    )


class TestMrcrRatio(EvaluatorConformance):
    offer = "mrcr-ratio"
    gold = (
        Gold(target="rain on roofs", answer="rain on roofs", verdict=Verdict.RIGHT),
        Gold(target="rain on roofs", answer="rain in rooms", verdict=Verdict.GRADED),
        Gold(target="rain on roofs", answer=" ", verdict=Verdict.UNPARSED),
    )


class TestTalk(TemplateConformance):
    offer = "talk"
    skips: ClassVar[Mapping[str, str]] = {
        "test_prompts": "it takes rows that hold talks alone; the prompts of mrcr are checked"
    }


class TestRuler(DatasetConformance):
    offer = "ruler"
    settings: ClassVar[Mapping[str, Any]] = {
        "tokenizer": TOKENIZER, "path": "data/ruler", "lengths": [3000], "rows": 1
    }  # fmt: skip
    snapshots = "snapshots/ruler"


class TestNeedleBench(DatasetConformance):
    offer = "needlebench"
    settings: ClassVar[Mapping[str, Any]] = {
        "tokenizer": TOKENIZER, "path": "data/needlebench", "lengths": [3000], "depths": [0, 50],
        "rows": 1, "tasks": ["single", "retrieval", "reasoning", "atc"], "atc_needles": [2],
    }  # fmt: skip
    snapshots = "snapshots/needlebench"


class TestMrcr(DatasetConformance):
    offer = "mrcr"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/mrcr", "needles": [2, 4]
    }  # fmt: skip
    snapshots = "snapshots/mrcr"


class TestAaLcr(DatasetConformance):
    offer = "aa-lcr"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/aa-lcr"}
    snapshots = "snapshots/aa-lcr"


class TestCorpusQa(DatasetConformance):
    offer = "corpusqa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/corpusqa"}
    snapshots = "snapshots/corpusqa"
