"""Whole runs on given answers, and answers as the authors read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench.api import Answer, Sample
from aisbench_plugin_bbh.bbeh import alike, read, score
from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "settings", "answers", "figures"),
    [
        (
            "bbeh",
            {"path": "data-bbeh", "parts": ["nycc", "web_of_lies"]},
            ["The answer is: (A)"],
            {
                ("micro average (2 of 23)", "accuracy"): 75.0,
                ("", "accuracy"): 67.77631578947368,
            },
        ),
        (
            "bbeh-mini",
            {"path": "data-bbeh"},
            ["The answer is: -2.0", "The answer is: pear, fig"],
            {("", "accuracy"): 50.0},
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
    ("text", "wanted", "right"),
    [
        ("Thus the answer is clear. The answer is: 42", "42", True),
        ("The answer is: 42.0", "42", True),
        ("The final answer is: yes, no, unknown.", "yes, no, unknown", True),
        ("The answer is yes,no,unknown", "yes, no, unknown", True),
        ("The answer is: (B)", "(B)", True),
        ("The answer is: b", "(B)", True),
        ("The answer is: **(B)**\nFor it is shorter.", "(B)", True),
        ("The final answer is $\\boxed{17}$.", "17", True),
        ("The answer is: \\boxed{\\text{fig}}", "fig", True),
        ("The answer is: [emma, lily]", "emma, lily", True),
        ("The answer is 3. No: The answer is 4.", "4", True),
        ("proved", "proved", True),
        ("The answer is: (A)", "(B)", False),
        ("The answer is: 42 owls", "42", False),
        ("It is 42", "42", False),
    ],
)
def test_answers_as_the_authors_read_them(text: str, wanted: str, right: bool) -> None:
    assert alike(read(text), wanted.lower().replace(", ", ",")) is right


@pytest.mark.parametrize(
    "text", ["**The answer is:** fig", "The answer is: `fig`", "The answer is fig"]
)
def test_marks_around_an_answer_do_not_count_for_the_lenient_reading(text: str) -> None:
    found = score(Sample(id="s", target="fig."), Answer.of(text))
    assert (found.value, found.readings["lenient"].value) == (0.0, 1.0)
