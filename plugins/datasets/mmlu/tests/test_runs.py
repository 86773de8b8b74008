"""Whole runs on given answers, and answers of ten options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Sample
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.settings import ChoiceSettings
from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "settings", "answers", "figures"),
    [
        (
            "mmlu-pro",
            {"path": "data/mmlu-pro"},
            ["Step one. The answer is (A).", "ANSWER: A"],
            {
                ("", "accuracy"): 83.33333333333333,
                ("biology", "accuracy"): 66.66666666666667,
                ("mean of parts", "accuracy"): 83.33333333333333,
            },
        ),
        (
            "mmlu-redux",
            {"path": "data/mmlu-redux", "parts": ["astronomy", "virology"]},
            ["Answer: B"],
            {("", "accuracy"): 75.0},
        ),
        (
            "mmlu-redux",
            {"path": "data/mmlu-redux", "parts": ["astronomy"], "split": "corrected"},
            ["Answer: C", "Answer: D", "Answer: A", "Answer: C", "Answer: A"],
            {("", "accuracy"): 80.0},
        ),
    ],
)
def test_a_run(
    name: str,
    settings: dict[str, Any],
    answers: list[str],
    figures: dict[tuple[str, str], float],
    tmp_path: Path,
) -> None:
    """The given answers are to the first rows; all others are answered with their reference."""
    path = str(DATA / settings["path"])
    result = run_answered(tmp_path, name, settings | {"path": path}, answers)
    found = {(one.part, one.name): one.value for one in result.scores[0].figures}
    for key, value in figures.items():
        assert found[key] == pytest.approx(value), found


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("So the answer is (C).", "C"), ("ANSWER: J", "J"), ("**ANSWER: B**", "B"),
        ("The answer is (A).\n\nQuestion: and the next?", "A"), ("\\boxed{D}", "D"),
        ("the answer is E", "E"), ("Answer: (F)", "F"), ("G", "G"), ("H.", "H"), ("(I)", "I"),
        ("A is wrong, B is wrong. The correct answer is C.", "C"), ("I cannot say.", None),
        ("Answer: D because the bee comes last.", "D"), ("The final answer is $\\boxed{B}$.", "B"),
        ("Let's think. The answer is (B) or (C).", None),
    ],
)  # fmt: skip
def test_answers_of_ten_options(text: str, letter: str | None) -> None:
    options = [f"fact {number}" for number in range(10)]
    sample = Sample(id="s", target="A", fields={"question": "Which?", "choices": options})
    evaluator = ChoiceEvaluator(ChoiceSettings(target="letter"))
    assert evaluator.score(sample, Answer.of(text)).extracted == letter
