"""The conformance kit, on made-up rows in VLMEvalKit's layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench.api import Sample
from aisbench_testkit.conformance import (
    DatasetConformance,
    EvaluatorConformance,
    PackagingConformance,
)


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-documents"


class TestOcrBenchV2(DatasetConformance):
    offer = "ocrbench-v2"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/ocrbench-v2"


class TestOcrBenchV2Rules(EvaluatorConformance):
    offer = "ocrbench-v2"
    settings: ClassVar[Mapping[str, Any]] = {"synonyms": "none"}
    sample = Sample(
        id="a", target=["CENTRE"], fields={"type": "text recognition en", "question": "?"}
    )


class TestOmniDocBench(DatasetConformance):
    offer = "omnidocbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/omnidocbench"


class TestOmniDocBenchPages(EvaluatorConformance):
    offer = "omnidocbench"
    sample = Sample(
        id="a",
        target={
            "elements": [{"kind": "text_block", "id": 1, "order": 1, "content": "Some words"}],
            "cuts": [],
        },
    )
