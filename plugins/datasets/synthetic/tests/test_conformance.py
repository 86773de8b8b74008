"""The conformance kit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance

_TOKENIZER = str(Path(__file__).parent / "data" / "tokenizer.json")


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-synthetic"


class TestSynthetic(DatasetConformance):
    offer = "synthetic"
    settings: ClassVar[Mapping[str, Any]] = {
        "rows": 40,
        "tokenizer": _TOKENIZER,
        "input": {"method": "normal", "mean": 60, "stddev": 20, "min": 30, "max": 90},
        "output": {"method": "percentages", "shares": [[8, 50], [64, 50]]},
        "prefix": {"tokens": 20, "groups": 2, "hit_rate": 0.5},
    }


class TestWords(DatasetConformance):
    offer = "synthetic"
    settings: ClassVar[Mapping[str, Any]] = {"rows": 20, "unit": "words", "input": 30}


class TestSyntheticTurns(DatasetConformance):
    offer = "synthetic-turns"
    settings: ClassVar[Mapping[str, Any]] = {
        "rows": 12,
        "tokenizer": _TOKENIZER,
        "input": 60,
        "prefix": {"levels": [{"tokens": 16, "groups": 2}, {"tokens": 16, "groups": 2}]},
        "text": {"kinds": {"prose": 1, "code": 1}, "languages": ["en", "zh"]},
    }
