"""DROP's scores against worked examples of the authors' rules."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Score
from aisbench_plugin_text.drop import DropEvaluator, DropSettings

DATE = {"day": "3", "month": "March", "year": "1842"}


def said(text: str, target: Any, **fields: Any) -> Score:
    sample = Sample(id="s", target=target, fields=fields)
    answer = Answer.of(text)
    return DropEvaluator(DropSettings()).score(sample, answer)


def blob(number: str = "", spans: tuple[str, ...] = (), date: Any = None) -> dict[str, Any]:
    return {"number": number, "spans": list(spans), "date": date or {}}


@pytest.mark.parametrize(
    ("target", "text", "f1", "exact"),
    [
        ("sixth terminal", "The sixth terminal.", 1.0, True),
        ("sixth terminal", "terminal", 0.67, False),
        (blob("3"), "3.0", 1.0, True),
        (blob("3"), "three", 0.0, False),
        (blob("12345"), "12,345", 1.0, True),
        (blob("3"), "3 yards", 0.67, False),
        # A number of the reference must be in the answer, whatever else they share.
        (blob(spans=("38-yard",)), "a 39-yard", 0.0, False),
        (blob(spans=("38-yard",)), "38 yard", 1.0, True),
        # One text is one span, of two.
        (blob(spans=("Rivers", "Tomlinson")), "Rivers", 0.5, False),
        (blob(spans=("Rivers", "Tomlinson")), "Rivers, Tomlinson", 0.33, False),
        (blob(date=DATE), "March 3, 1842", 1.0, False),
        (blob(date=DATE), "3 March 1842", 1.0, True),
        (["one", "two"], "two", 1.0, True),
        (7, "7", 1.0, True),
    ],
)
def test_scores(target: Any, text: str, f1: float, exact: bool) -> None:
    score = said(text, target)
    assert score.value == pytest.approx(f1)
    assert score.measures["f1"].value == pytest.approx(100 * f1)
    assert score.measures["exact match"].value == 100.0 * exact


def test_every_annotator_counts_in_place_of_the_target() -> None:
    fields = {"answer": blob("5"), "validated_answers": [blob(), blob("4")]}
    assert said("4", ["6"], **fields).value == 1.0
    assert said("5", ["6"], **fields).value == 1.0
    assert said("6", ["6"], **fields).value == 0.0
    # A list of several spans is one answer, not several.
    pair = {"answer": blob(spans=("Rivers", "Tomlinson"))}
    assert said("Rivers", ["Rivers", "Tomlinson"], **pair).value == 0.5
    assert said("Rivers", ["Rivers", "Tomlinson"], answer="a text").value == 1.0


@pytest.mark.parametrize("target", [None, blob(), [], "  "])
def test_without_a_reference(target: Any) -> None:
    with pytest.raises(DataError, match="no answer to compare with"):
        said("x", target)
