"""The published file, where this checkout has it beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aisbench.api import Answer, Response, Verdict, open_dataset
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.settings import MathSettings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FOLDER = SHARED / "data" / "math500"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="no MATH-500 file; set AISBENCH_SHARED to the folder of data"
    ),
]


@pytest.mark.parametrize("rule", ["verify", "boxed"])
def test_the_reference_solutions_are_right(rule: str) -> None:
    evaluator = MathEvaluator(MathSettings(rule=rule))  # type: ignore[arg-type]
    samples = open_dataset("math500", {"path": str(FOLDER)}).samples()
    assert len(samples) == 500
    assert len({one.part for one in samples}) == 7
    for sample in samples:
        answer = Response(text=str(sample.fields["solution"]))
        score = evaluator.score(sample, Answer.of_response(answer))
        assert score.verdict is Verdict.RIGHT, (sample.id, sample.target, score)
