"""The conformance kit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from aisbench.api import Sample
from aisbench_testkit.conformance import EvaluatorConformance, PackagingConformance

pytestmark = pytest.mark.not_quick


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-code"


class TestPythonTests(EvaluatorConformance):
    offer = "python-tests"
    settings: ClassVar[Mapping[str, Any]] = {"run_code": True, "limits": {"seconds": 1.0}}
    sample = Sample(
        id="test-0",
        fields={"prompt": "def f(x):\n", "entry_point": "f", "tests": "assert f(1) == 2"},
    )
    answers = ("", "    return x + 1", "```python\ndef f(x):\n    return x\n```", "def f(", "\x00")
