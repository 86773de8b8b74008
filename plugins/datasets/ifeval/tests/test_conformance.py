"""The conformance kit, on made-up prompts in the published layout."""

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
    distribution = "aisbench-plugin-ifeval"


class TestIfeval(DatasetConformance):
    offer = "ifeval"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots"


class TestIfBench(DatasetConformance):
    offer = "ifbench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/ifbench"}
    snapshots = "snapshots/ifbench"


class TestInstructions(EvaluatorConformance):
    offer = "instructions"
    sample = Sample(
        id="test-0",
        fields={
            "instruction_id_list": ["punctuation:no_comma", "change_case:english_lowercase"],
            "kwargs": [{}, {}],
        },
    )
