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
