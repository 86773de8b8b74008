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


@pytest.mark.slow
class TestEvalplus(EvaluatorConformance):
    offer = "evalplus"
    settings: ClassVar[Mapping[str, Any]] = {"run_code": True, "limits": {"seconds": 1.0}}
    sample = Sample(
        id="test-0",
        fields={
            "prompt": "def f(x):\n", "entry_point": "f", "canonical_solution": "    return x + 1",
            "base_input": [[1]], "plus_input": [[2.5]],
        },
    )  # fmt: skip
    answers = ("", "    return x + 1", "```python\ndef f(x):\n    return x\n```", "def f(", "\x00")


class TestStdinTests(EvaluatorConformance):
    offer = "stdin-tests"
    settings: ClassVar[Mapping[str, Any]] = {"run_code": True, "seconds": 1.0}
    sample = Sample(
        id="test-0",
        fields={"public_test_cases": [{"input": "1\n", "output": "2", "testtype": "stdin"}]},
    )
    answers = ("", "```python\nprint(int(input()) + 1)\n```", "```\nprint(1)\n```", "```", "\x00")


@pytest.mark.slow
class TestProgramTests(EvaluatorConformance):
    offer = "program-tests"
    settings: ClassVar[Mapping[str, Any]] = {"run_code": True, "limits": {"seconds": 5.0}}
    sample = Sample(
        id="test-0",
        part="python",
        fields={
            "part": "python", "prompt": "def f(x):\n", "declaration": "def f(x):\n",
            "test": "assert f(1) == 2",
        },
    )  # fmt: skip
    answers = ("", "    return x + 1", "```python\ndef f(x):\n    return x\n```", "def f(", "\x00")


@pytest.mark.slow
class TestUnittestTests(EvaluatorConformance):
    offer = "unittest-tests"
    settings: ClassVar[Mapping[str, Any]] = {"run_code": True, "limits": {"seconds": 5.0}}
    sample = Sample(
        id="test-0",
        fields={
            "code_prompt": "def f(x):\n", "entry_point": "f",
            "test": "import unittest\nclass TestCases(unittest.TestCase):\n"
            "    def test_it(self):\n        self.assertEqual(f(1), 2)\n",
        },
    )  # fmt: skip
    answers = ("", "    return x + 1", "```python\ndef f(x):\n    return x\n```", "def f(", "\x00")


class TestCodeReasoning(EvaluatorConformance):
    offer = "code-reasoning"
    settings: ClassVar[Mapping[str, Any]] = {"run_code": True, "asks": "input"}
    sample = Sample(
        id="test-0", fields={"code": "def f(x):\n    return x + 1", "input": "1", "output": "2"}
    )
    answers = ("", "[ANSWER]assert f(1) == 2[/ANSWER]", "f(3)", "f(", "\x00")
