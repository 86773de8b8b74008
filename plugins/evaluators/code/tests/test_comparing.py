"""Functions beside canonical ones (evalplus), assertions completed (CRUXEval), and tests that
reach into programs (BigCodeBench)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench.sandbox import Limits
from aisbench_plugin_code.evalplus import Evalplus, program_text
from aisbench_plugin_code.reasoning import CodeReasoning, completed
from aisbench_plugin_code.settings import EvalplusSettings, ReasoningSettings, UnittestSettings
from aisbench_plugin_code.unittests import UnittestTests

pytestmark = pytest.mark.not_quick

DOUBLES: dict[str, Any] = {
    "task_id": "Mbpp/5", "entry_point": "doubles", "prompt": "Double a number.",
    "canonical_solution": "def doubles(x):\n    return 2 * x\n", "base_input": [[1], [2]],
    "plus_input": "[[-1], [0.1], [Infinity], [\"a\"], [[1, [2]]]]", "atol": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def evalplus() -> Evalplus:
    return Evalplus(EvalplusSettings(run_code=True, limits=Limits(seconds=5.0)))


def differs(evaluator: Evalplus, code: str, **fields: Any) -> Score:
    sample = Sample(id="s", fields={**DOUBLES, **fields})
    evaluator.check(sample)
    return evaluator.score(sample, Answer.of(f"```python\n{code}\n```"))


@pytest.mark.parametrize(
    ("body", "base", "value"),
    [
        ("x + x", 1.0, 1.0),
        ("abs(x) + abs(x)", 1.0, 0.0),
        ("x + 1", 0.0, 0.0),
        ("2 * x + 1e-9 if isinstance(x, float) else 2 * x", 1.0, 1.0),  # a float is near enough
        ("2 * x + 1e-3 if isinstance(x, float) else 2 * x", 1.0, 0.0),
        ("type('E', (), {'__eq__': lambda s, o: True})()", 0.0, 0.0),
    ],
)
def test_base_and_plus(evalplus: Evalplus, body: str, base: float, value: float) -> None:
    score = differs(evalplus, f"def doubles(x):\n    return {body}")
    assert (score.measures["base"].value, score.value) == (100 * base, value), score.reason


SPECIAL: list[tuple[str, str, str, list[Any], bool]] = [
    ("Mbpp/2", "similar_elements", "list(a)", [[[1, 2, 2], [0]]], True),
    ("Mbpp/116", "tuple_to_int", "a", [[[1, 2]]], True),
    ("Mbpp/164", "are_equivalent", "7", [[[1, 2]]], True),
    ("Mbpp/737", "check_str", "__import__('re').match('a', 'a')", [["a"]], True),
    ("HumanEval/0", "similar_elements", "list(a)", [[[1, 2, 2], [0]]], False),
]


@pytest.mark.parametrize(("task", "name", "value", "inputs", "right"), SPECIAL)
def test_special_comparisons(
    evalplus: Evalplus, task: str, name: str, value: str, inputs: list[Any], right: bool
) -> None:
    canonical = f"def {name}(a, b=0):\n    return a if isinstance(a, tuple) else tuple(a)\n"
    if name == "check_str":
        canonical = f"import re\ndef {name}(a):\n    return re.search('a', a)\n"
    code = f"def {name}(a, b=0):\n    return {value}"
    score = differs(
        evalplus,
        code,
        task_id=task,
        entry_point=name,
        base_input=json.dumps(inputs),
        plus_input={},
        canonical_solution=canonical,
    )
    assert (score.value == 1.0) is right, score.reason


def test_any_zero_is_right(evalplus: Evalplus) -> None:
    fields: Mapping[str, Any] = {
        "task_id": "HumanEval/32", "entry_point": "find_zero", "base_input": [[[-4, 0, 1]]],
        "plus_input": [], "atol": 1e-4, "canonical_solution": "def find_zero(xs):\n    return 2.0",
    }  # fmt: skip
    assert differs(evalplus, "def find_zero(xs):\n    return -2.0", **fields).value == 1.0
    assert differs(evalplus, "def find_zero(xs):\n    return -2.1", **fields).value == 0.0


def test_a_canonical_solution_that_fails_is_no_wrong_answer(evalplus: Evalplus) -> None:
    with pytest.raises(DataError, match="the canonical solution fails: TypeError"):
        differs(evalplus, "def doubles(x):\n    return 2 * x", base_input=[[{}]])


def test_rows_in_another_layout() -> None:
    with pytest.raises(DataError, match="no base_input"):
        program_text(Sample(id="s", fields={**DOUBLES, "base_input": None}), "base_input")


@pytest.mark.parametrize(
    ("asks", "text", "expression"),
    [
        ("output", "assert f(1) == [1, 2]", "[1, 2]"),
        ("output", "[1, 2]", "[1, 2]"),
        ("output", '"x9ja"\n[/ANSWER]\n\n[PYTHON]', '"x9ja"'),
        ("output", "I think.\n[ANSWER]\nassert f(1) == 'a'\n[/ANSWER]", "'a'"),
        ("output", "[ANSWER]\n```python\nassert f(1) == 'a'\n```\n[/ANSWER]", "'a'"),
        ("output", "[ANSWER]1[/ANSWER] no: [ANSWER]2[/ANSWER]", "2"),
        ("input", "assert f(1, 'a') == 3", "f(1, 'a')"),
        ("input", "f([]) == 3", "f([])"),
        ("input", "[ANSWER]assert f(a=1) == 2[/ANSWER]", "f(a=1)"),
        ("output", "", ""),
    ],
)
def test_what_an_answer_completes(asks: str, text: str, expression: str) -> None:
    assert completed(text, asks) == expression


CRUX = {"code": "def f(x, y=0):\n    return (x + y, {x})", "input": "1", "output": "(1, {1})"}


@pytest.mark.parametrize(
    ("asks", "text", "right"),
    [
        ("output", "(1, {1})", True), ("output", "(1, {1, 1})", True),
        ("output", "(0 + 1, {1})", True), ("output", "(len('a'), set([1]))", True),
        ("output", "[1, {1}]", False), ("output", "f(1)", False), ("output", "(1, {1}", False),
        ("input", "f(1)", True), ("input", "assert f(x=1) == (1, {1})", True),
        ("input", "f(*[1])", True), ("input", "f(1, 0)", True), ("input", "f(len('a'))", True),
        ("input", "f(2)", False), ("input", "(1, {1})", False), ("input", "f(", False),
        ("input", "f(2) and (1, {1})", False), ("input", "f(0) or f(1)", False),
        ("input", "f(1 if f(0) else 2)", True),
    ],
)  # fmt: skip
def test_assertions(asks: Any, text: str, right: bool) -> None:
    evaluator = CodeReasoning(ReasoningSettings(run_code=True, asks=asks))
    score = evaluator.score(Sample(id="s", fields=CRUX), Answer.of(text))
    assert (score.value == 1.0) is right, score.reason


TESTS = """
import unittest
from unittest.mock import patch

class TestCases(unittest.TestCase):
    @patch("os.listdir", return_value=["a", "b"])
    def test_there(self, listed):
        self.assertEqual(task_func("/x"), 2)

    def test_own_name(self):
        with patch("__test__.os.listdir", return_value=[]):
            self.assertEqual(task_func("/x"), 0)
"""
FOLDER = {"code_prompt": "import os\ndef task_func(path):\n", "entry_point": "task_func",
          "test": TESTS, "libs": "['os', 'unittest.mock']"}  # fmt: skip


@pytest.fixture(scope="module")
def unittests() -> UnittestTests:
    return UnittestTests(UnittestSettings(run_code=True, limits=Limits(seconds=3.0)))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("    return len(os.listdir(path))\n", "passed"),
        ("```python\nimport os\ndef task_func(p):\n    return len(os.listdir(p))\n```", "passed"),
        ("    return 1 + len(os.listdir(path))\n", "test_there: AssertionError: 3 != 2"),
        (
            "```python\nimport os\nos._exit(0)\ndef task_func(p): pass\n```",
            "ended before its tests",
        ),
        ("```python\ndef task_func(p):\n    while True: pass\n```", "took too long"),
        ("```python\ndef task_func(\n```", "SyntaxError"),
    ],
)
def test_unittests(unittests: UnittestTests, answer: str, reason: str) -> None:
    sample = Sample(id="s", fields=FOLDER)
    unittests.check(sample)
    score = unittests.score(sample, Answer.of(answer))
    assert reason in score.reason
    assert (score.verdict is Verdict.RIGHT) == (reason == "passed")


def test_missing_libraries_are_told_beforehand(unittests: UnittestTests) -> None:
    sample = Sample(id="s", fields={**FOLDER, "libs": "['os', 'no_such.module', 'nor_such']"})
    with pytest.raises(DataError, match="the tests need no_such, nor_such") as told:
        unittests.check(sample)
    assert "requirements-eval.txt" in str(told.value.hint)
    with pytest.raises(DataError, match="not a list"):
        unittests.check(Sample(id="s", fields={**FOLDER, "libs": "os, sys"}))
