"""Whole runs on given answers, and answers of the set's kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Verdict, open_dataset
from aisbench_plugin_code.settings import UnittestSettings
from aisbench_plugin_code.unittests import UnittestTests
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


RIGHT = "import os\n\ndef task_func(path):\n    return len(os.listdir(path))"


@pytest.mark.parametrize("name", ["bigcodebench", "bigcodebench-hard"])
def test_a_run(name: str, tmp_path: Path) -> None:
    assert figures(tmp_path, name, {}, [fenced(RIGHT)])[("", "pass@1")] == 100.0


def test_a_wrong_run(tmp_path: Path) -> None:
    found = figures(tmp_path, "bigcodebench", {}, [fenced(RIGHT.replace("len", "str"))])
    assert found[("", "pass@1")] == 0.0


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (RIGHT, "right"), (fenced(RIGHT), "right"), (f"```\n{RIGHT}\n```", "right"),
        ("    return len(os.listdir(path))\n", "right"), ("return len(os.listdir(path))", "right"),
        (f"Below is a Python script:\n{fenced(RIGHT)}\nIt counts.", "right"),
        (fenced("def task_func(path):\n    return len(os.listdir(path))"), "right"),
        (fenced(RIGHT + "\n\nif __name__ == '__main__':\n    print(task_func('.'))"), "right"),
        (fenced(RIGHT.replace("import os", "import os, re")), "right"),
        (fenced("from os import path\n" + RIGHT), "right"),
        (fenced(RIGHT.replace("listdir", "scandir")), "wrong"), (fenced("x = 1"), "wrong"),
        (fenced("import os; os._exit(0)"), "wrong"), (fenced(RIGHT[:-2]), "wrong"),
        ("", "unparsed"),
    ],
)  # fmt: skip
def test_answers_of_programs(answer: str, verdict: str) -> None:
    (sample,) = open_dataset("bigcodebench", {"path": str(DATA)}).samples()
    evaluator = UnittestTests(UnittestSettings(run_code=True))
    score = evaluator.score(sample, Answer.of(answer))
    assert score.verdict is Verdict(verdict), score.reason
