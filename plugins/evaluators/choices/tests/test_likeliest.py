"""Which choice is taken, and which is right."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import Answer, DataError, Prompt, Response, Sample, Scored, Verdict
from aisbench_plugin_choices.evaluator import ChoiceEvaluator
from aisbench_plugin_choices.settings import ChoiceSettings

# By sum " no" wins, by token " rather long" does, by byte " rather long" as well.
CHOICES: dict[str, tuple[float, ...]] = {
    " no": (-1.5,), " rather long": (-0.8, -0.8, -0.8), " yes": (-2.0,),
}  # fmt: skip


def answer(choices: dict[str, tuple[float, ...]]) -> Answer:
    return Answer(
        prompts=tuple(Prompt(text="?", continuation=text) for text in choices),
        responses=tuple(Response(scored=Scored(logprobs=one)) for one in choices.values()),
    )


def score(
    reference: Any, choices: dict[str, tuple[float, ...]] | None = None, **settings: Any
) -> Any:
    evaluator = ChoiceEvaluator(ChoiceSettings(**settings))
    return evaluator.score(Sample(id="s", target=reference), answer(choices or CHOICES))


def test_the_ways_of_comparing() -> None:
    found = score("no")
    assert (found.verdict, found.extracted) == (Verdict.RIGHT, "no")
    assert {name: one.extracted for name, one in found.readings.items()} == dict.fromkeys(
        ("token", "byte", "character"), "rather long"
    )
    assert score("no", by="token").verdict is Verdict.WRONG
    assert score("rather long", by="byte").verdict is Verdict.RIGHT


def test_the_space_before_a_choice_is_no_part_of_its_length() -> None:
    # By one more character each, the first would be the likelier one.
    near = {" a": (-1.0,), " abc": (-2.7,)}
    assert score("abc", near, by="character").verdict is Verdict.RIGHT
    assert score("abc", near, by="byte").verdict is Verdict.RIGHT


def test_bytes_and_characters_differ_in_chinese() -> None:
    mixed = {"北京": (-4.0,), "Paris": (-7.5,)}
    assert score(0, mixed, by="byte").verdict is Verdict.RIGHT
    assert score(1, mixed, by="character").verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("target", "settings"),
    [
        ("no", {}),
        ("A", {}),
        ("a", {}),
        (0, {}),
        ("0", {}),
        ("A", {"target": "letter"}),
        (0, {"target": "index"}),
        (" no ", {"target": "text"}),
    ],
)
def test_forms_of_the_reference(target: Any, settings: dict[str, Any]) -> None:
    assert score(target, **settings).verdict is Verdict.RIGHT


def test_a_choices_own_text_comes_first() -> None:
    digits = {" 1": (-1.0,), " 0": (-2.0,)}
    assert score("1", digits).verdict is Verdict.RIGHT
    assert score("1", digits, target="index").verdict is Verdict.WRONG


@pytest.mark.parametrize("target", ["maybe", "D", 3, -1, True, 0.5, ["no", "maybe"]])
def test_a_reference_that_is_no_choice(target: Any) -> None:
    with pytest.raises(DataError, match="sample s: the reference"):
        score(target)


def test_of_equal_ones_the_first() -> None:
    assert score(0, {" a": (-1.0,), " b": (-1.0,)}).verdict is Verdict.RIGHT


def test_choices_without_log_probabilities_are_unparsed() -> None:
    prompts = (Prompt(text="?", continuation=" no"), Prompt(text="?", continuation=" yes"))
    bare = Answer(prompts=prompts, responses=(Response(text="no"), Response()))
    found = ChoiceEvaluator(ChoiceSettings()).score(Sample(id="s", target="no"), bare)
    assert found.verdict is Verdict.UNPARSED
    assert "without log-probabilities" in found.reason


def alone(values: dict[str, tuple[float, ...]]) -> Answer:
    """CHOICES behind their question, then without it."""
    both = [("?", CHOICES), ("Answer:", values)]
    return Answer(
        prompts=tuple(Prompt(text=text, continuation=one) for text, many in both for one in many),
        responses=tuple(
            Response(scored=Scored(logprobs=one)) for _, many in both for one in many.values()
        ),
    )


def test_against_the_probability_without_the_question() -> None:
    # " yes" is no surprise behind any question, " no" is usual, " rather long" is not.
    usual = {" no": (-0.1,), " rather long": (-3.0, -3.0, -1.0), " yes": (-9.0,)}
    evaluator = ChoiceEvaluator(ChoiceSettings(by="unconditional"))
    found = evaluator.score(Sample(id="s", target="yes"), alone(usual))
    assert (found.verdict, found.extracted) == (Verdict.RIGHT, "yes")
    assert found.readings["sum"].extracted == "no"
    with pytest.raises(DataError, match="not scored without their question"):
        score("no", by="unconditional")


def test_without_a_reference_the_choice_is_told() -> None:
    found = score(None)
    assert (found.verdict, found.extracted) == (Verdict.UNJUDGED, "no")


@given(st.lists(st.lists(st.floats(-50, 0), min_size=1, max_size=5), min_size=2, max_size=6))
def test_the_highest_sum_wins(values: list[list[float]]) -> None:
    choices = {f" {chr(97 + place)}x": tuple(one) for place, one in enumerate(values)}
    found = score(0, choices)
    best = max(range(len(values)), key=lambda place: (sum(values[place]), -place))
    assert found.extracted == f"{chr(97 + best)}x" or (
        abs(sum(values[best]) - sum(values[ord(found.extracted[0]) - 97])) < 1e-9
    )


def test_several_right_options() -> None:
    assert score(["rather long", "no"]).verdict is Verdict.RIGHT
    assert score(["B", "C"]).verdict is Verdict.WRONG
    with pytest.raises(DataError, match="none of its 3 choices is right"):
        score([])


def test_the_mass_of_the_right_ones() -> None:
    probabilities = {"no": math.exp(-1.5), "rather long": math.exp(-2.4), "yes": math.exp(-2.0)}
    found = score(["no", "yes"], by="mass")
    wanted = 1 - probabilities["rather long"] / sum(probabilities.values())
    assert (found.verdict, found.extracted) == (Verdict.GRADED, "no")
    assert found.value == pytest.approx(wanted)
    # Where probabilities are too small for floats, as of long choices.
    small = {" a": (-800.0,), " b": (-800.0,)}
    assert score("A", small, by="mass").value == pytest.approx(0.5)
    assert score(None, by="mass").verdict is Verdict.UNJUDGED


def in_contexts(marked: bool = True) -> Answer:
    """The same continuation behind two contexts, twice, then each without its question."""
    pairs = [("A", " x"), ("A", " y"), ("B", " x"), ("B", " y")]
    given = [Prompt(text=text, continuation=one, choice=n) for n, (text, one) in enumerate(pairs)]
    alone = [
        Prompt(text="?", unconditional="?", continuation=one, choice=n)
        for n, (_, one) in enumerate(pairs)
    ]
    logprobs = (-4.0, -1.0, -2.0, -3.0, -9.0, -1.0, -1.0, -1.0)
    return Answer(
        prompts=(*given, *alone) if marked else tuple(given),
        responses=tuple(
            Response(scored=Scored(logprobs=(one,))) for one in logprobs[: 8 if marked else 4]
        ),
    )


def test_choices_behind_contexts_of_their_own() -> None:
    evaluator = ChoiceEvaluator(ChoiceSettings())
    plain = evaluator.score(Sample(id="s", target="B"), in_contexts(marked=False))
    assert (plain.verdict, plain.extracted) == (Verdict.RIGHT, "B")
    sample = Sample(id="s", target="C", fields={"choices": ["one", "two", "three", "four"]})
    found = evaluator.score(sample, in_contexts())
    assert (found.verdict, found.extracted) == (Verdict.WRONG, "two")
    assert found.readings["unconditional"].extracted == "one"
