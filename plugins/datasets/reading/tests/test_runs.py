"""Whole runs on given answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aisbench_testkit.answered import run_answered

DATA = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "settings", "answers", "figures"),
    [
        (
            "squad",
            {"path": "data/squad"},
            ["the gate"],
            {("", "accuracy"): 100.0, ("", "exact match"): 100.0},
        ),
        (
            "squad",
            {"path": "data/squad"},
            ["an old red gate"],
            {("", "exact match"): 50.0, ("", "f1"): 90.0},
        ),
        (
            "squad2",
            {"path": "data/squad2"},
            ["unanswerable", "noon", "the fox"],
            {
                ("", "accuracy"): 22.222222222222218,
                ("", "exact match"): 0.0,
                ("is_impossible True", "accuracy"): 0.0,
            },
        ),
        (
            "lambada",
            {"path": "data/lambada"},
            ['"The cat," he said.', "keys"],
            {("", "accuracy"): 66.66666666666667},
        ),
        (
            "lambada-standard",
            {"path": "data/lambada-standard"},
            ["birds"],
            {("", "accuracy"): 50.0},
        ),
        ("lambada-jsonl", {"path": "data/lambada-jsonl"}, ["Bird!"], {("", "accuracy"): 100.0}),
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
