"""The official files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from aisbench.api import Answer, open_dataset
from aisbench_plugin_bbh.bbeh import score
from aisbench_plugin_text.exact import ExactEvaluator, ExactSettings
from aisbench_plugin_text.steps import AnswerIs

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not (SHARED / "data2").is_dir(),
        reason="no official files; set AISBENCH_SHARED to the folder of data and data2",
    ),
]


def test_every_row_loads_and_the_paper_s_answers_score_as_published() -> None:
    """19 tasks of 27: the rows and prompts, and code-davinci-002's answers with its accuracies."""
    folder = SHARED / "data" / "bbh"
    parts = sorted(file.stem for file in (folder / "bbh").glob("*.json"))
    assert len(parts) == 19
    samples = open_dataset("bbh", {"path": str(folder), "parts": parts}).samples()
    assert len(samples) == 4646
    step, evaluator = AnswerIs(), ExactEvaluator(ExactSettings())
    for part in parts:
        output = json.loads((folder / "model_outputs" / f"{part}.json").read_text("utf-8"))
        own = [one for one in samples if one.part == part]
        assert all("Let's think step by step." in str(one.fields["cot"]) for one in own)
        assert not any("BENCHMARK DATA" in str(one.fields["cot"]) for one in own)
        right = 0.0
        for sample, row in zip(own, output["outputs"], strict=True):
            said = step.process(row["prediction"], sample)
            right += 0.0 if said is None else evaluator.score(sample, Answer.of(said)).value
        metrics = output["metrics"]
        published = (json.loads(metrics) if isinstance(metrics, str) else metrics)["accuracy"]
        assert 100 * right / len(own) == pytest.approx(published), part


def test_every_row_of_bbeh_loads() -> None:
    """9 tasks of 23, cut."""
    folder = SHARED / "data2" / "bbeh" / "bbeh"
    parts = sorted(
        one.parent.name.removeprefix("bbeh_")
        for one in (folder / "benchmark_tasks").glob("*/task.json")
    )
    samples = open_dataset("bbeh", {"path": str(folder), "parts": parts}).samples()
    assert (len(parts), len(samples)) == (9, 1104)
    for one in samples:
        found = score(one, Answer.of(f"Well. The answer is: {one.target}\n"))
        assert found.readings["lenient"].value == 1.0, one.id
        # The authors take a full stop from the answer and not from the reference.
        assert found.value == float(not str(one.target).endswith(".")), one.id
