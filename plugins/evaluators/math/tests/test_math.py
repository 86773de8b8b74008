"""Answers as models write them, against references in LaTeX."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.api import Answer, DataError, Sample, Score, Verdict
from aisbench_plugin_math.boxes import last_box
from aisbench_plugin_math.evaluator import MathEvaluator
from aisbench_plugin_math.normalised import same
from aisbench_plugin_math.settings import MathSettings

EVALUATOR = MathEvaluator(MathSettings())


def scored(target: Any, text: str, evaluator: MathEvaluator = EVALUATOR) -> Score:
    answer = Answer.of(text)
    return evaluator.score(Sample(id="s", target=target), answer)


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("\\frac{3}{4}", "So $\\boxed{\\dfrac{3}{4}}$."),
        ("\\frac{3}{4}", "\\boxed{0.75}"),
        ("\\frac{3}{4}", "The answer is $3/4$."),
        ("1234", "\\boxed{1,234}"),
        ("\\sqrt{51}", "we get $\\boxed{\\sqrt{51}}$"),
        ("(3, \\frac{\\pi}{2})", "\\boxed{\\left(3, \\frac{\\pi}{2}\\right)}"),
        ("x^2+2x+1", "\\boxed{(x+1)^2}"),
        ("90^\\circ", "\\boxed{90}"),
        ("10\\%", "\\boxed{10\\%}"),
        ("[0,1)", "\\boxed{[0, 1)}"),
        ("\\{1,2\\}", "\\boxed{\\{2, 1\\}}"),
        ("5", "First \\boxed{4}, no: \\boxed{5}"),
        ("-2", "The final answer is $-2$."),
        ("2\\sqrt{2}", "\\boxed{\\sqrt{8}}"),
        ("\\text{(C)}", "\\boxed{C}"),
        ("\\text{Evelyn}", "\\boxed{\\text{Evelyn}}"),
        ("6", "所以答案是 $\\boxed{6}$。"),
    ],
)
def test_right(target: str, text: str) -> None:
    assert scored(target, text).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("target", "text", "verdict"),
    [
        ("\\frac{3}{4}", "\\boxed{\\frac{4}{3}}", Verdict.WRONG),
        ("5", "\\boxed{5} and then \\boxed{6}", Verdict.WRONG),
        ("5", "There is no way to tell.", Verdict.UNPARSED),
        ("5", "", Verdict.UNPARSED),
        ("0.333333", "\\boxed{0.33}", Verdict.WRONG),
        ("(1,2)", "\\boxed{(2,1)}", Verdict.WRONG),
    ],
)
def test_not_right(target: str, text: str, verdict: Verdict) -> None:
    assert scored(target, text).verdict is verdict


def test_other_rules_are_shown_beside() -> None:
    score = scored("\\frac{1}{2}", "The answer is 0.5")
    assert score.value == 1
    assert score.readings["boxed"].value == 0
    boxed = scored("2", "\\boxed{\\sqrt{4}}")
    assert (boxed.value, boxed.readings["normalised"].value) == (1, 0)


def test_equal_answers_have_equal_texts() -> None:
    texts = {scored("5", text).extracted for text in ("\\boxed{1/2}", "\\boxed{\\frac12}")}
    assert len(texts) == 1


@pytest.mark.parametrize("target", [None, True, [1], {"a": 1}])
def test_a_target_that_is_none(target: Any) -> None:
    with pytest.raises(DataError, match="not a number or text"):
        scored(target, "x")


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("\\boxed{5}", "5"),
        ("a \\boxed{\\frac{1}{2}} b", "\\frac{1}{2}"),
        ("\\fbox{x}", "x"),
        ("\\boxed{1} \\boxed{2", "1"),
        ("\\boxed 7", "7"),
        ("\\boxed{\\{1\\}}", "\\{1\\}"),
        ("none", None),
    ],
)
def test_boxes(text: str, inside: str | None) -> None:
    assert last_box(text) == inside


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\\frac12", "\\frac{1}{2}"),
        ("1/2", "\\dfrac{1}{2}"),
        ("0.5", "\\frac{1}{2}"),
        (".5", "0.5"),
        ("x = 5", "5"),
        ("10\\%", "10"),
        ("90^\\circ", "90"),
        ("\\$5", "5"),
        ("1,000", "1000"),
        ("3.00", "3"),
        ("\\left( 1, 2 \\right)", "(1,2)"),
        ("5 \\text{ inches}", "5"),
        ("\\sqrt2", "\\sqrt{2}"),
    ],
)
def test_dress_does_not_count(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("1/2", "2"), ("\\sqrt{4}", "2"), ("12", "1 2 3"), ("(1,2)", "(2,1)")]
)
def test_but_what_is_written_does(one: str, other: str) -> None:
    assert not same(one, other)
