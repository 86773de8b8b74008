"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisbench.api import Answer, Verdict, open_dataset
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
MORE = SHARED / "data2"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not MORE.is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


@pytest.mark.parametrize(
    ("name", "folder", "rows"),
    [
        ("math", "math", 112),
        ("math", "math_simple_evals", 800),
        ("aime-2025", "aime2025", 30),
        ("aime-2026", "aime2026", 12),
        ("dapo-math", "dapo_math_layout", 60),
    ],
)
def test_every_reference_is_right_in_a_box(name: str, folder: str, rows: int) -> None:
    samples = open_dataset(name, {"path": str(MORE / folder)}).samples()
    assert len(samples) == rows
    evaluator = MathEvaluator(MathSettings())
    for one in samples:
        evaluator.check(one)
        answer = Answer.of(f"So it is $\\boxed{{{one.target}}}$.")
        assert evaluator.score(one, answer).verdict is Verdict.RIGHT, one.id


def test_the_reference_solutions_are_right() -> None:
    evaluator = MathEvaluator(MathSettings())
    samples = open_dataset("math", {"path": str(MORE / "math")}).samples()
    assert {one.part: one.fields["level"] for one in samples}.keys() == {
        "algebra", "counting_and_probability", "geometry", "intermediate_algebra",
        "number_theory", "prealgebra", "precalculus",
    }  # fmt: skip
    for one in samples:
        score = evaluator.score(one, Answer.of(str(one.fields["solution"])))
        assert score.verdict is Verdict.RIGHT, (one.id, one.target)
