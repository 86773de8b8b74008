"""Chains of thought of BIG-Bench Hard with the paper's accuracies, where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from aisbench.api import Answer, Response, Sample
from aisbench_plugin_text.exact import ExactEvaluator, ExactSettings
from aisbench_plugin_text.steps import AnswerIs

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FOLDER = SHARED / "data" / "bbh" / "model_outputs"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="no outputs of BBH; set AISBENCH_SHARED to the folder of data"
    ),
]


@pytest.mark.parametrize("normalise", ["strip", "loose"])
def test_answers_after_the_answer_is(normalise: str) -> None:
    """19 tasks, 4,646 answers of code-davinci-002: the paper's figure of every task."""
    step = AnswerIs()
    evaluator = ExactEvaluator(ExactSettings(normalise=normalise))  # type: ignore[arg-type]
    files = sorted(FOLDER.glob("*.json"))
    assert len(files) == 19
    for file in files:
        task = json.loads(file.read_text(encoding="utf-8"))
        right = 0.0
        for row in task["outputs"]:
            sample = Sample(id="s", target=row["target"])
            said = step.process(row["prediction"], sample)
            if said is not None:
                response = Response(text=said)
                answer = Answer.of_response(response)
                right += evaluator.score(sample, answer).value
        metrics = task["metrics"]
        published = (json.loads(metrics) if isinstance(metrics, str) else metrics)["accuracy"]
        assert 100 * right / len(task["outputs"]) == pytest.approx(published), file.stem
