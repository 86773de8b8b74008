"""The conformance kit, on made-up rows in the layout of each trace."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance

_TOKENIZER = str(Path(__file__).parent / "data" / "tokenizer.json")


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-traces"


class TestMooncake(DatasetConformance):
    offer = "mooncake"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data/mooncake.jsonl",
        "tokenizer": _TOKENIZER,
    }


class TestBurstGpt(DatasetConformance):
    offer = "burstgpt"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/burstgpt.csv", "unit": "words"}


class TestAzure(DatasetConformance):
    offer = "azure-llm"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/azure.csv", "tokenizer": _TOKENIZER}


class TestTrace(DatasetConformance):
    offer = "trace"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/trace.jsonl", "tokenizer": _TOKENIZER}


class TestBailian(DatasetConformance):
    offer = "bailian"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/bailian.jsonl", "unit": "words"}


class TestWeka(DatasetConformance):
    offer = "weka"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/weka.json", "unit": "words"}


class TestOtel(DatasetConformance):
    offer = "otel"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/otel.jsonl", "unit": "words"}
