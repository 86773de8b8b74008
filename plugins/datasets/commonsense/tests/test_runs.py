"""Whole runs on given answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Prompt, Response, Scored, open_dataset
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.settings import ChoiceSettings
from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "settings", "answers", "figures"),
    [
        ("truthfulqa-mc1", {"path": "data/truthfulqa"}, [], {("", "accuracy"): 100.0}),
        (
            "truthfulqa-mc1",
            {"path": "data/truthfulqa-hub"},
            ["I do not know."],
            {("", "accuracy"): 66.66666666666667},
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
    result = run_answered(
        tmp_path, name, settings | {"path": path}, answers, variant="0-shot-chat"
    )
    found = {(one.part, one.name): one.value for one in result.scores[0].figures}
    for key, value in figures.items():
        assert found[key] == pytest.approx(value), found


def test_the_mass_of_the_true_answers() -> None:
    """MC2 by the probabilities of three options, two of them true; both layouts are alike."""
    rows = [
        open_dataset("truthfulqa-mc2", {"path": str(DATA / "data" / name)}).samples()
        for name in ("truthfulqa", "truthfulqa-hub")
    ]
    assert [one.target for one in rows[0]] == [one.target for one in rows[1]]
    sample = rows[0][2]
    assert sample.target == ["A", "B"]
    answer = Answer(
        prompts=tuple(
            Prompt(text="Q", continuation=f" {text}", choice=number)
            for number, text in enumerate(sample.fields["choices"])  # type: ignore[arg-type]
        ),
        responses=tuple(
            Response(scored=Scored(logprobs=(value,))) for value in (-1.0, -2.0, -1.0)
        ),
    )
    evaluator = ChoiceEvaluator(ChoiceSettings(target="letter", by="mass"))
    # (e^-1 + e^-2) / (e^-1 + e^-2 + e^-1)
    assert evaluator.score(sample, answer).value == pytest.approx(0.5776812)
