"""The conformance kit, on a few categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from aisbench.api import Sample
from aisbench_plugin_bfcl.library import installed_version
from aisbench_testkit.conformance import (
    DatasetConformance,
    EvaluatorConformance,
    PackagingConformance,
)

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-bfcl"


class TestBfcl(DatasetConformance):
    offer = "bfcl"
    settings: ClassVar[Mapping[str, Any]] = {
        "categories": ["simple_java", "live_parallel", "multi_turn_miss_func", "memory_kv"]
    }


class TestFunctionCalls(EvaluatorConformance):
    offer = "function-calls"
    sample = Sample(
        id="simple_python_x",
        fields={"entry": {"id": "simple_python_x", "function": [], "question": [[]]}},
        target=[{"f": {"x": [1]}}],
        part="simple_python",
    )
