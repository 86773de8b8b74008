"""Questions with several right options, answered in words."""

from __future__ import annotations

import pytest

from aisbench.api import Answer, Sample, Score, Verdict
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.settings import ChoiceSettings

OPTIONS = ["it falls", "it flies", "it floats", "it sinks"]


def said(text: str) -> Score:
    sample = Sample(id="s", fields={"choices": OPTIONS}, target=["D", "A"])
    answer = Answer.of(text)
    return ChoiceEvaluator(ChoiceSettings()).score(sample, answer)


@pytest.mark.parametrize(
    "text",
    [
        "AD", "D, A", "A and D", "(A)(D)", "A、D", "答案：A、D。", "故选AD。", "\\boxed{A, D}",
        "A falls. So does D.\nAnswer: **A, D**", "The answer is (A) and (D).",
        "Answer: A, D because both have weight.",
    ],
)  # fmt: skip
def test_all_of_them(text: str) -> None:
    assert said(text).verdict is Verdict.RIGHT


@pytest.mark.parametrize("text", ["A", "ABD", "Answer: D", "答案是 BC", "ABCD"])
def test_others(text: str) -> None:
    assert said(text).verdict is Verdict.WRONG


@pytest.mark.parametrize("text", ["", "I cannot say.", "Answer: A or D", "AND", "Answer: AE"])
def test_nothing_is_stated(text: str) -> None:
    assert said(text).verdict is Verdict.UNPARSED


@pytest.mark.parametrize("text", ["The answer is (A)(D).", "Answer: A D", "A D", "答案：A、D。"])
def test_several_are_not_the_one_that_is_right(text: str) -> None:
    """As AGIEval's authors score: the set must be the right one, also where that is one letter."""
    sample = Sample(id="s", fields={"choices": OPTIONS}, target="A")
    score = ChoiceEvaluator(ChoiceSettings()).score(sample, Answer.of(text))
    assert (score.value, score.verdict) == (0.0, Verdict.UNPARSED)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["D", "B", "A", "C"], "The answer is (A) D."),
        (["A and B", "one", "two", "B and C"], "The answer is A. A and B"),
    ],
)
def test_further_letters_may_be_the_text_of_the_first(options: list[str], text: str) -> None:
    sample = Sample(id="s", fields={"choices": options}, target="A")
    assert ChoiceEvaluator(ChoiceSettings()).score(sample, Answer.of(text)).value == 1.0
