"""Whole runs on given answers, scored in several ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent / "data"
ANSWERS = ["16/7", "Kite C", "(B) $\\frac{1}{2}$"]


@pytest.mark.parametrize(
    ("keys", "right"),
    [
        ({}, 3),
        ({"evaluation": {"choice": {"rule": "strict"}}}, 2),  # "Kite C" is an option's text alone
        ({"evaluation": {"choice": {"rule": "strict"}, "math": {"rule": "boxed"}}}, 1),
        ({"evaluator": "mathvision"}, 1),  # neither a word nor a text stands before a letter
    ],
)
def test_mathvision(keys: dict[str, Any], right: int, tmp_path: Path) -> None:
    """A table called like an evaluator reaches that one alone."""
    settings = {"path": str(DATA / "mathvision")}
    result = run_answered(tmp_path, "mathvision", settings, ANSWERS, **keys)
    (whole,) = [
        one for one in result.scores[0].figures if (one.part, one.name) == ("", "accuracy")
    ]
    assert whole.value == pytest.approx(100 * right / 3)


def test_mathvista_by_its_authors(tmp_path: Path) -> None:
    """No option is left without an answer, integers are cut, decimals rounded."""
    answers = ["1.24", "12.9", "about eighteen", "2014, 2016"]
    settings = {"path": str(DATA / "mathvista")}
    result = run_answered(tmp_path, "mathvista", settings, answers, evaluator="mathvista")
    figures = {(one.part, one.name): one.value for one in result.scores[0].figures}
    assert figures["", "accuracy"] == 50.0
    assert figures["answer float", "accuracy"] == 100.0
    assert figures["skill arithmetic reasoning", "accuracy"] == 50.0  # of a list of skills
    assert figures["skill statistics", "accuracy"] == 0.0
    assert result.scores[0].counts.unparsed == 0
