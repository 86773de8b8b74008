"""What is said of real models, beside what their authors say of each answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import aisbench
from aisbench_plugin_compare.comparing.comparison import compare
from aisbench_plugin_compare.sides.reading import apart, read_side

DATA = Path(__file__).parents[4].parent / "shared" / "data" / "gsm8k"
ROWS = 300
MODELS = ("6b_verification", "175b_finetuning", "175b_verification")

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs GSM8K in ../shared, which is not here"),
]


def test_gsm8ks_authors_own_models(tmp_path: Path) -> None:
    """benchmarks/compare_real.py has all pairs on all rows, and other sets."""
    lines = (DATA / "example_model_solutions.jsonl").read_text("utf-8").splitlines()
    solved = [json.loads(line) for line in lines[:ROWS]]
    answers = tmp_path / "answers.jsonl"
    answers.write_text(
        "".join(
            json.dumps({"row": i, "model": model, "text": row[model]["solution"]}) + "\n"
            for model in MODELS
            for i, row in enumerate(solved)
        ),
        "utf-8",
    )
    settings = {"path": str(DATA), "limit": ROWS}
    run = aisbench.score("gsm8k", answers, settings=settings, output=tmp_path)
    sides = {one.label: one for one in apart(read_side(str(run.path)))}
    for left, right, verdict in (
        ("6b_verification", "175b_verification", "better"),
        ("175b_verification", "175b_finetuning", "worse"),
    ):
        (task,) = compare(sides[left], sides[right]).tasks
        one = task.figures[0]
        labels = [(row[left]["is_correct"], row[right]["is_correct"]) for row in solved]
        assert one.gained == sum(new and not old for old, new in labels)
        assert one.lost == sum(old and not new for old, new in labels)
        share = sum(new for _, new in labels) - sum(old for old, _ in labels)
        assert one.change == pytest.approx(100 * share / ROWS, abs=1e-9)
        assert one.verdict == verdict
        assert task.fairness.weight == "fair"
        assert list(task.fairness.deciding) == ["model"]
