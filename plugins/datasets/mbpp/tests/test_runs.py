"""Whole runs on given answers, and answers of the set's kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Sample, Verdict
from aisbench_plugin_code.evaluator import PythonTests
from aisbench_plugin_code.settings import PythonTestsSettings
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


VOWELS = "def vowels(text):\n    return sum(c in 'aeiou' for c in text)"
AREA = "import math\ndef area(r):\n    return math.pi * r ** 2"
METHOD = "```\nclass Solution:\n    def vowels(self, t):\n        return t.count('e') * 2\n```"
DASHED = "def dashed(words):\n    return '-'.join(words)"


def test_mbpp(tmp_path: Path) -> None:
    """Two of the three rows of the test split are answered rightly."""
    answers = [f"[BEGIN]\n{VOWELS}\n[DONE]", fenced(AREA), fenced(DASHED.replace("-", "+"))]
    found = figures(tmp_path, "mbpp", {}, answers)
    assert found[("", "pass@1")] == pytest.approx(200 / 3)


def test_sanitized(tmp_path: Path) -> None:
    answers = [VOWELS, fenced("def area(r):\n    return r"), DASHED]
    found = figures(tmp_path, "mbpp-sanitized", {}, answers)
    assert found[("", "pass@1")] == pytest.approx(200 / 3)


def test_plus(tmp_path: Path) -> None:
    """The first is right on its base inputs alone."""
    answers = [
        fenced("def similar_elements(a, b):\n    return tuple(set(a) & set(b)) or (0,)"),
        fenced("def volume(r):\n    return 4.1887902047863905 * r * r * r"),
        fenced("def last(a, x):\n    return len(a) - 1 - a[::-1].index(x)"),
    ]
    found = figures(tmp_path, "mbpp-plus", {}, answers)
    assert found[("", "pass@1")] == pytest.approx(200 / 3)
    assert found[("", "base")] == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (VOWELS, "right"), (f"[BEGIN]\n{VOWELS}\n[DONE]", "right"),
        (f"{VOWELS}\n[DONE]\n\nYou are", "right"),
        (fenced(VOWELS), "right"), (f"Sure:\n\n{VOWELS}\n\nIt counts.", "right"),
        (f"```\n{VOWELS}\n```", "right"), (f"[PYTHON]\n{VOWELS}\n[/PYTHON]", "right"),
        (fenced(VOWELS + "\n\nassert vowels('tea') == 2"), "right"),
        (f"<answer>\n{VOWELS}\n</answer>", "right"), (f"{VOWELS}<|im_end|>", "right"),
        (METHOD, "right"),
        (fenced(VOWELS.replace("vowels", "count")), "wrong"),
        (fenced("def vowels(text): pass"), "wrong"),
        (fenced(VOWELS[:-3]), "wrong"), ("", "unparsed"),
    ],
)  # fmt: skip
def test_answers_of_programs(answer: str, verdict: str) -> None:
    fields = {
        "tests": "assert vowels('tea') == 2\nassert vowels('') == 0",
        "entry_point": "vowels",
    }
    evaluator = PythonTests(PythonTestsSettings(run_code=True, prompt="beginning"))
    score = evaluator.score(Sample(id="s", fields=fields), Answer.of(answer))
    assert score.verdict is Verdict(verdict), score.reason
