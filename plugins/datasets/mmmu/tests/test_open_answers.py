"""Answers without options: what is compared, by each rule."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import Answer, Sample, Score, Verdict
from aisbench_plugin_mmmu.open_answers import OpenAnswers
from aisbench_plugin_mmmu.settings import OpenSettings

LONG = "The circuit draws 30 A at first.\nLater it is 12.5 A.\nANSWER: 8.4"


def score(text: str, target: Any, **settings: Any) -> Score:
    return OpenAnswers(OpenSettings(**settings)).score(
        Sample(id="s", target=target, fields={"question": "How much?"}), Answer.of(text)
    )


@pytest.mark.parametrize(
    ("text", "target", "stated", "authors", "aisbench"),
    [
        ("12.97", "12.97", 1, 1, 1),
        (LONG, "8.4", 1, 0, 1),  # the authors' words are "answer " with a blank, and "is "
        (LONG, "12.5", 0, 1, 0),
        ("the result is 1,249 dollars", "1249", 1, 1, 0),
        ("It is MgS.", ["$MgS$", "MgS"], 1, 1, 0),
        ("x = 0.2864", "0.286", 1, 1, 0),  # both to two decimals
        ("a transformation of energy", "Transformation", 1, 1, 0),
        ("I think that it is the letter c", "C", 1, 1, 0),
        ("cat", "C", 0, 0, 0),  # one letter needs a blank beside it
        ("nothing", "7", 0, 0, 0),
    ],
)
def test_rules(text: str, target: Any, stated: int, authors: int, aisbench: int) -> None:
    for rule, value in (("stated", stated), ("authors", authors), ("aisbench", aisbench)):
        assert score(text, target, open_rule=rule).value == value, rule
    first = score(text, target)
    assert first.readings["authors"].value == authors


def test_rows_without_a_reference_are_kept_for_handing_in() -> None:
    found = score(LONG, None)
    assert (found.verdict, found.extracted) == (Verdict.UNJUDGED, "8.4")
    assert score("", None).verdict is Verdict.UNPARSED
