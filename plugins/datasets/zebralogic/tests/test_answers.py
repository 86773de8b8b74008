"""Grids as models write them, and how much of them is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.api import Answer, DataError, Verdict, open_dataset
from aisbench_plugin_zebralogic.puzzles import score

DATA = Path(__file__).parent / "data"
GRID = '{"House 1": {"Name": "Ann", "Drink": "tea"}, "House 2": {"Name": "Bob", "Drink": "milk"}}'
WHOLE = f'{{"reasoning": "r", "solution": {GRID}}}'


@pytest.mark.parametrize(
    ("text", "right", "cells"),
    [
        (WHOLE, 1, 100),
        (f"```json\n{WHOLE}\n```", 1, 100),
        (f"<think>no</think>Here it is:\n{WHOLE}\nDone.", 1, 100),
        (WHOLE.replace("Ann", " ANN "), 1, 100),
        (WHOLE.replace('"tea"', '["tea"]'), 1, 100),
        (f'{{"solution": {{}}}} or rather {WHOLE}', 1, 100),
        (f'{WHOLE} or rather {{"solution": {{}}}}', 0, 0),
        (WHOLE.replace("milk", "tea"), 0, 75),
        (WHOLE.replace('"milk"', "null"), 0, 75),
        (WHOLE.replace("House 2", "House Two"), 0, 50),
        (WHOLE.replace('"Drink": "tea"', '"drink": "tea"'), 0, 75),
        (WHOLE.replace('"milk"', "3"), 0, 75),
    ],
)
def test_grids(text: str, right: int, cells: float) -> None:
    sample = open_dataset("zebralogic", {"path": str(DATA / "zebralogic")}).samples()[0]
    found = score(sample, Answer.of(text))
    assert (found.value, found.measures["cell accuracy"].value) == (right, cells)
    assert found.measures["cell accuracy"].weight == 4


@pytest.mark.parametrize(
    "text", ["", "House 1: Ann", WHOLE[:-1], GRID, '{"solution": 3}', "{" * 9999]
)
def test_no_grid(text: str) -> None:
    sample = open_dataset("zebralogic", {"path": str(DATA / "zebralogic")}).samples()[0]
    assert score(sample, Answer.of(text)).verdict is Verdict.UNPARSED


def test_the_public_file_can_be_asked_alone() -> None:
    path = str(DATA / "blank")
    with pytest.raises(DataError, match="the solution is blank, as in the public file"):
        open_dataset("zebralogic", {"path": path}).samples()
    (sample,) = open_dataset("zebralogic", {"path": path, "split": "public"}).samples()
    assert sample.target is None
    assert '"Drink": "___"' in str(sample.fields["json_template"])
