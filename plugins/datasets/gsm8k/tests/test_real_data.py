"""The published files, where this checkout has them beside it; they are not in the repository."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Response, Sample
from aisbench_plugin_gsm8k.dataset import Gsm8k
from aisbench_plugin_gsm8k.downloads import FILES
from aisbench_plugin_gsm8k.settings import Gsm8kSettings
from aisbench_plugin_numeric.evaluator import NumericEvaluator
from aisbench_plugin_numeric.settings import NumericSettings

SHARED = Path(os.environ.get("AISBENCH_SHARED") or Path(__file__).parents[5] / "shared")
FOLDER = SHARED / "data" / "gsm8k"
pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(
        not FOLDER.is_dir(),
        reason="no GSM8K files; set AISBENCH_SHARED to the folder of data/gsm8k",
    ),
]
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")
# Rows (row, model) in which AISBench's rule and the authors disagree, and why.
OLD_RULE_DISAGREES = {(419, "175b_finetuning"): '"A: 3,000" is right and read as 000'}


def test_every_test_row_loads() -> None:
    samples = Gsm8k(Gsm8kSettings(path=FOLDER)).samples()
    assert len(samples) == 1319
    targets = [float(str(sample.target)) for sample in samples]
    assert sum(target < 0 for target in targets) == 2
    assert max(targets) == 2_880_000
    assert not any("<<" in str(sample.fields["answer"]) for sample in samples)


def test_the_test_file_is_the_pinned_one() -> None:
    (pinned,) = [file for file in FILES if file.filename == "test.jsonl"]
    content = (FOLDER / "test.jsonl").read_bytes()
    assert hashlib.sha256(content).hexdigest() == pinned.sha256


def test_the_examples_of_the_variants_exist() -> None:
    dataset = Gsm8k(Gsm8kSettings(path=FOLDER))
    known = {example.id for example in dataset.examples()}
    for variant in dataset.variants().values():
        ids: Any = variant.retrieval.get("ids", ())
        assert known.issuperset(ids)


@pytest.mark.parametrize("rule", ["strict", "lenient", "aisbench"])
def test_the_authors_labels_are_reproduced(rule: Any) -> None:
    evaluator = NumericEvaluator(NumericSettings(rule=rule))
    disagreements = {}
    judged = 0
    samples = Gsm8k(Gsm8kSettings(path=FOLDER)).samples()
    lines = (FOLDER / "example_model_solutions.jsonl").read_text(encoding="utf-8").split("\n")
    for row, line in enumerate(filter(None, lines)):
        solutions = json.loads(line)
        target = solutions["ground_truth"].rpartition("\nA:")[2].strip().replace(",", "")
        assert target == samples[row].target
        for model in MODELS:
            response = Response(text=solutions[model]["solution"])
            answer = Answer.of_response(response)
            score = evaluator.score(Sample(id=f"test-{row}", target=target), answer)
            judged += 1
            if (score.value == 1.0) is not solutions[model]["is_correct"]:
                disagreements[row, model] = score.extracted
    assert judged == 2640
    assert set(disagreements) == (set(OLD_RULE_DISAGREES) if rule == "aisbench" else set())


def test_the_authors_own_solutions_are_read() -> None:
    """Lenient without the #### line is a guess; the figure is in the README of numeric."""
    evaluator = NumericEvaluator(NumericSettings())
    right = {True: 0, False: 0}
    dataset = Gsm8k(Gsm8kSettings(path=FOLDER))
    samples = [*dataset.samples(), *dataset.examples()[:300]]
    for sample in samples:
        worked = str(sample.fields["answer"])
        for marked in right:
            text = f"{worked}\n#### {sample.fields['final']}" if marked else worked
            answer = Answer.of(text)
            right[marked] += evaluator.score(sample, answer).value == 1.0
    assert right == {True: 1619, False: 1607}
