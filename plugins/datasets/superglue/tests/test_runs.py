"""Whole runs on given answers, and answers of yes and no."""

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
        ("rte", {"path": "data/rte"}, ["B"], {("", "accuracy"): 66.66666666666667}),
        ("cb", {"path": "data/cb"}, ["B", "A"], {("", "accuracy"): 33.333333333333336}),
        ("copa", {"path": "data/copa"}, ["B. It sang."], {("", "accuracy"): 50.0}),
        ("wic", {"path": "data/wic"}, ["A"], {("", "accuracy"): 50.0}),
        ("wsc", {"path": "data/wsc"}, ["B. No"], {("", "accuracy"): 50.0}),
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
        ("A", "A"), ("B.", "B"), ("A. Yes", "A"), ("Answer: B", "B"), ("(B)", "B"), ("Yes", "A"),
        ("No.", "B"), ("**B. No**", "B"), ("The answer is A.", "A"), ("The answer is No.", "B"),
        ("B, for the lamp is not the cup.", "B"), ("\\boxed{A}", "A"), ("Maybe.", None),
        ("Answer: **Yes**", "A"), ("I am not sure whether it is A or B.", None),
        ("No. They differ.", "B"), ("No, for the lamp is no cup.", "B"), ("**No**\n\nA cup.", "B"),
        ("No - they differ.", "B"), ("No, wait. Yes.", None), ("No. The answer is A.", "A"),
        ("No-one knows.", None),
    ],
)  # fmt: skip
def test_answers_of_yes_and_no(text: str, letter: str | None) -> None:
    fields = {"question": "Is it the same?", "choices": ["Yes", "No"]}
    evaluator = ChoiceEvaluator(ChoiceSettings(target="letter"))
    found = evaluator.score(Sample(id="s", target="A", fields=fields), Answer.of(text))
    assert found.extracted == letter
