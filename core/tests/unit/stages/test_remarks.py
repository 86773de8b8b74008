"""What is said of answers beside their figures."""

from __future__ import annotations

import attrs
from unit_fakes import GOOD, plan_of

from aisbench.config.plan import Model
from aisbench.reading.rule import Reasoning
from aisbench.stages.remarks import Remarks
from aisbench.types.response import Response, TokenLogprob
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict

SAMPLE = Sample(id="a", target="5")
WRONG = Score(value=0.0, verdict=Verdict.WRONG)
OPEN = Score(value=0.0, verdict=Verdict.UNJUDGED, reason="no number in '?'")


def model(rule: Reasoning) -> Model:
    """A model whose reasoning is told so."""
    (task,) = plan_of(GOOD).tasks
    return attrs.evolve(task.model, common=attrs.evolve(task.model.common, reasoning=rule))


ANSWERS = ("[THINK]7?[/THINK]5", "5", "[THINK]7?", "Use `<think>`.", "<think>7</think>5")


def test_reasoning_that_was_not_taken_off_is_told() -> None:
    for rule in (Reasoning(start="", end=""), Reasoning(start="[T]", end="[/T]")):
        remarks = Remarks(model(rule))
        for text in ANSWERS:
            remarks.add(SAMPLE, Response(text=text), WRONG)
        first, second = remarks.sentences()
        assert first.startswith("2 answers hold [THINK], which marks reasoning")
        assert second.startswith("1 answer holds <think>, ")
        assert "models.m1.reasoning" in first


def test_nothing_is_told_where_all_known_marks_are_taken_off() -> None:
    remarks = Remarks(model(Reasoning()))
    for text in ANSWERS:
        remarks.add(SAMPLE, Response(text=text), WRONG)
    assert remarks.sentences() == ()


def test_parts_that_were_left_out_are_told() -> None:
    remarks = Remarks(model(Reasoning()))
    for _ in range(3):
        response = Response(text="5", ignored=("a part of type 'image'",))
        remarks.add(SAMPLE, response, WRONG)
    (told,) = remarks.sentences()
    assert told.startswith("3 answers hold a part of type 'image', which is neither text nor")


def test_answers_that_nobody_judged_though_a_reference_is_there() -> None:
    remarks = Remarks(model(Reasoning()))
    for sample in (SAMPLE, Sample(id="b"), SAMPLE):
        remarks.add(sample, Response(text="5"), OPEN)
    assert remarks.sentences() == ("2 unjudged in spite of a reference: no number in '?'",)


def test_log_probabilities_that_were_asked_for_and_not_given_are_told() -> None:
    told = Response(text="5", tokens=(TokenLogprob("5", -0.5),))
    for generation, sample in (
        ({"logprobs": 0}, SAMPLE),
        ({}, attrs.evolve(SAMPLE, generation={"logprobs": 2})),
    ):
        remarks = Remarks(model(Reasoning()), generation)
        for response in (told, Response(text="5"), Response(text="5"), Response()):
            remarks.add(sample, response, WRONG)
        (sentence,) = remarks.sentences()
        assert sentence.startswith(
            "2 answers hold no log-probabilities, which generation.logprobs"
        )
    remarks = Remarks(model(Reasoning()), {"max_tokens": 5})
    remarks.add(SAMPLE, Response(text="5"), WRONG)
    assert remarks.sentences() == ()
