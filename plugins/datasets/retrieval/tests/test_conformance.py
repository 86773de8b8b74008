"""The conformance kit, on a made-up folder of BEIR's layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-retrieval"


class TestRetrieval(DatasetConformance):
    offer = "retrieval"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data", "batch": 4}


class TestReranking(DatasetConformance):
    offer = "reranking"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data", "candidates": 4}


class TestSts(DatasetConformance):
    offer = "sts"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/sts"}
