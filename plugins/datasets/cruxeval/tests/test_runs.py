"""Whole runs on given answers, and answers of the set's kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Sample, Verdict
from aisbench_plugin_code.reasoning import CodeReasoning
from aisbench_plugin_code.settings import ReasoningSettings
from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent / "data"
RUNS = {"evaluation": {"run_code": True}}
pytestmark = pytest.mark.not_quick


def figures(
    folder: Path, name: str, settings: dict[str, Any], answers: list[str], **keys: Any
) -> dict[tuple[str, str], float]:
    """By part and name."""
    settings = {"path": str(DATA), **settings}
    result = run_answered(folder, name, settings, answers, **RUNS, **keys)
    return {(one.part, one.name): one.value for one in result.scores[0].figures}


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def test_output(tmp_path: Path) -> None:
    answers = ["'cba'\n", "assert f(1, 'x') == {1: ['x', 'x']}\n[/ANSWER]", "(0, 1)"]
    found = figures(tmp_path, "cruxeval-output", {}, answers)
    assert found[("", "pass@1")] == pytest.approx(200 / 3)


def test_input(tmp_path: Path) -> None:
    answers = [
        "assert f('abc') == 'cba'",
        "f(1, 'y')",
        "[ANSWER]\nassert f(3) == (0, 1, 2)\n[/ANSWER]",
    ]
    found = figures(tmp_path, "cruxeval-input", {}, answers)
    assert found[("", "pass@1")] == pytest.approx(200 / 3)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("'cba'", "right"), ('"cba"', "right"), ("assert f('abc') == 'cba'", "right"),
        ("assert f('abc') == \"cba\"\n[/ANSWER]\nmore", "right"), ("'cba'\n", "right"),
        ("[ANSWER]\nassert f('abc') == 'cba'\n[/ANSWER]", "right"), ("('cba')", "right"),
        ("It reverses.\n[/THOUGHT]\n[ANSWER]\nassert f('abc') == 'cba'\n[/ANSWER]", "right"),
        ("[ANSWER]'cba'[/ANSWER]", "right"), ("'c' 'ba'", "right"),
        ("[ANSWER]\n```python\nassert f('abc') == 'cba'\n```\n[/ANSWER]", "right"),
        ("'abc'", "wrong"), ("f('abc')", "wrong"), ("cba", "wrong"), ("", "unparsed"),
    ],
)  # fmt: skip
def test_answers_of_literals(answer: str, verdict: str) -> None:
    fields = {"code": "def f(text):\n    return text[::-1]", "input": "'abc'", "output": "'cba'"}
    evaluator = CodeReasoning(ReasoningSettings(run_code=True))
    score = evaluator.score(Sample(id="s", fields=fields), Answer.of(answer))
    assert score.verdict is Verdict(verdict), score.reason
