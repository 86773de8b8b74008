"""Scores: verdicts, readings, tolerance, truncated answers, the old rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from aisbench.api import (
    Answer,
    DataError,
    FinishReason,
    Prompt,
    Reading,
    Response,
    Sample,
    Score,
    Verdict,
)
from aisbench_plugin_numeric import plugin
from aisbench_plugin_numeric.evaluator import NumericEvaluator, equal
from aisbench_plugin_numeric.settings import NumericSettings


def score(
    text: str, target: Any = "18", reason: FinishReason = FinishReason.STOP, **settings: Any
) -> Score:
    answer = Answer(
        prompts=(Prompt(text="?"),), responses=(Response(text=text, finish_reason=reason),)
    )
    evaluator = NumericEvaluator(NumericSettings(**settings))
    return evaluator.score(Sample(id="test-0", target=target), answer)


def test_right_wrong_unparsed() -> None:
    right, wrong, nothing = score("#### 18.00"), score("#### 17"), score("I cannot say.")
    assert (right.verdict, right.value, right.extracted) == (Verdict.RIGHT, 1.0, "18")
    assert (wrong.verdict, wrong.value, wrong.extracted) == (Verdict.WRONG, 0.0, "17")
    assert (nothing.verdict, nothing.value, nothing.extracted) == (Verdict.UNPARSED, 0.0, None)
    assert right.reason == "marked by ####"
    assert nothing.reason == "no number in the answer"


@pytest.mark.parametrize("rule", ["lenient", "strict", "aisbench"])
def test_both_readings_are_there_whatever_the_rule(rule: str) -> None:
    made = score("She makes 9 * 2 = 18", rule=rule)
    assert made.readings == {
        "strict": Reading(value=0.0, extracted=None),
        "lenient": Reading(value=1.0, extracted="18"),
    }
    assert made.verdict is (Verdict.UNPARSED if rule == "strict" else Verdict.RIGHT)


def test_strict_says_that_a_number_was_there_but_not_marked() -> None:
    assert score("She makes 9 * 2 = 18", rule="strict").reason == "no marked answer"


def test_a_truncated_answer_is_not_guessed_from() -> None:
    made = score("She sells 16 - 3 = 18", reason=FinishReason.LENGTH)
    assert (made.verdict, made.extracted) == (Verdict.UNPARSED, None)
    assert made.readings["lenient"] == Reading(value=0.0, extracted=None)
    assert made.reason == "no marked answer"


def test_a_truncated_answer_with_a_mark_counts() -> None:
    text = "#### 18\n\nQuestion: Tom has 5 app"
    assert score(text, reason=FinishReason.LENGTH).verdict is Verdict.RIGHT


@pytest.mark.parametrize("text", ["#### 18", "The answer is 18", "#### 1,8", "#### -18."])
def test_a_number_at_the_very_end_of_a_cut_answer_may_be_half(text: str) -> None:
    assert score(text, reason=FinishReason.LENGTH).verdict is not Verdict.RIGHT
    assert score("#### 18\n", reason=FinishReason.LENGTH).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("text", "target", "aisbench", "lenient"),
    [
        ("It is 1,234", "1234", Verdict.WRONG, Verdict.RIGHT),
        ("So 18 - that is, 20-2", "-2", Verdict.RIGHT, Verdict.WRONG),
        ("She makes $18 by selling 9 eggs", "18", Verdict.WRONG, Verdict.RIGHT),
        ("18.0", "18", Verdict.RIGHT, Verdict.RIGHT),
        ("18 Question: 5?", "18", Verdict.RIGHT, Verdict.UNPARSED),
        ("no", "18", Verdict.UNPARSED, Verdict.UNPARSED),
        ("2.50", "2.5", Verdict.WRONG, Verdict.RIGHT),
        ("9" * 400, "18", Verdict.WRONG, Verdict.UNPARSED),
    ],
)
def test_the_old_rule_keeps_its_faults(
    text: str, target: str, aisbench: Verdict, lenient: Verdict
) -> None:
    assert score(text, target, rule="aisbench").verdict is aisbench
    assert score(text, target).verdict is lenient


@pytest.mark.parametrize("target", ["4", "4000000", 4, "4,000,000"])
def test_a_scale_word_answers_both_ways_of_asking(target: Any) -> None:
    assert score("The answer is $4 million.", target).verdict is Verdict.RIGHT


@pytest.mark.parametrize("target", [None, "many", True, ["18"], ""])
def test_a_target_that_is_no_number_is_an_error(target: Any) -> None:
    with pytest.raises(DataError, match="test-0") as caught:
        score("18", target)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("value", "reference", "tolerance", "same"),
    [
        ("18", "18", 0, True),
        ("18.0", "18", 0, True),
        ("1000000001", "1000000000", 1e-6, False),
        ("1000001", "1000000", 0.5, False),
        ("33.3333333", "33.33333333333", 1e-6, True),
        ("33.3", "33.333", 1e-6, False),
        ("33.3", "33.333", 0.01, True),
        ("0.0000001", "0", 1e-6, True),
        ("-5", "5", 1e-6, False),
        ("17.99999999", "18", 1e-6, True),
    ],
)
def test_equality(value: str, reference: str, tolerance: float, same: bool) -> None:
    assert equal(Decimal(value), Decimal(reference), tolerance) is same


def test_equal_answers_are_equal_strings() -> None:
    texts = ["18", "#### 18.00", "\\boxed{\\$18}", "The answer is **18.0** dollars.", "答案：１８"]
    assert {score(text).extracted for text in texts} == {"18"}


def test_the_plugin_is_written_for_this_contract() -> None:
    (offer,) = plugin.aisbench_evaluators()
    assert plugin.AISBENCH_API == "1.1"
    assert offer.name == "numeric"


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ("$1,234", "1234"),
        ("70,000", "70000"),
        ("18 eggs", "18"),
        ("-2.5", "-2.5"),
        ("1/2", "0.5"),
        ("10,00,000", "1000000"),
        ("25%", "25"),
        ("3.5e3", "3500"),
        ("１８", "18"),
        ("12个", "12"),
        (2.5, "2.5"),
    ],
)
def test_targets_as_data_sets_have_them(target: Any, value: str) -> None:
    NumericEvaluator(NumericSettings()).check(Sample(id="a", target=target))
    assert score(f"#### {value}", target).verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    "target",
    ["", "many", "3 or 4", "at least 5", "3:30", "1,2345", float("nan"), float("inf"), []],
)
def test_a_target_that_is_no_number_is_told_before_the_run(target: Any) -> None:
    with pytest.raises(DataError, match="no number") as caught:
        NumericEvaluator(NumericSettings()).check(Sample(id="a", target=target))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "target", "places", "right"),
    [
        ("It is 1.23 m.", "1.2", 1, True),
        ("It is 1.26 m.", "1.2", 1, False),
        ("1.25", "1.3", 1, True),  # halves go up
        ("-0.125", "-0.13", 2, True),
        ("12", "12.004", 2, True),
        ("1.23", "1.2", None, False),
        ("1e60", "3", 2, False),
    ],
)
def test_decimal_places_that_a_row_asks_for(
    text: str, target: str, places: int | None, right: bool
) -> None:
    sample = Sample(id="s", target=target, fields={"precision": places})
    evaluator = NumericEvaluator(NumericSettings(places="precision"))
    assert evaluator.score(sample, Answer.of(text)).value == float(right)


def test_a_field_that_holds_no_number_of_places() -> None:
    sample = Sample(id="s", target="1.2", fields={"precision": "one"})
    with pytest.raises(DataError, match="sample s: 'precision' is 'one', and no number"):
        NumericEvaluator(NumericSettings(places="precision")).score(sample, Answer.of("1.2"))
