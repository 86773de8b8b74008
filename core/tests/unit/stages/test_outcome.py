"""What core decides about an answer, and what it leaves to the evaluator."""

from __future__ import annotations

from typing import Literal

import attrs
import pytest
from unit_fakes import EvaluatorSettings, FakeEvaluator, evaluator_part

from aisbench.config.plan import ScoringPlan
from aisbench.stages.outcome import score_answer
from aisbench.types.answer import Answer
from aisbench.types.prompt import Prompt
from aisbench.types.response import Fault, FaultKind, FinishReason, Response, Thinking
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict

SAMPLE = Sample(id="q", target="42")
FAULT = Fault(kind=FaultKind.HTTP, message="HTTP 500", status=500)
RIGHT, WRONG, EMPTY = Response(text="42"), Response(text="41"), Response()
REST = "the server's content filter withheld the rest of the answer"
ALL = "the server's content filter withheld the answer"
DECLINED = "the model declined: No 42."


def judged(*responses: Response) -> Score:
    """The score of a conversation."""
    prompts = tuple(Prompt(text="p") for _ in responses)
    answer = Answer(prompts=prompts, responses=responses)
    return score_answer(
        ScoringPlan(evaluator=evaluator_part(FakeEvaluator(EvaluatorSettings()))), SAMPLE, answer
    )


def cut(response: Response) -> Response:
    """The same, ended by max_tokens."""
    return attrs.evolve(response, finish_reason=FinishReason.LENGTH)


def ended(response: Response, reason: FinishReason) -> Response:
    """The same, ended for another reason."""
    return attrs.evolve(response, finish_reason=reason)


def thinking(response: Response) -> Response:
    """The same, still thinking."""
    return attrs.evolve(response, thinking=Thinking.UNFINISHED)


@pytest.mark.parametrize(
    ("response", "verdict", "value", "reason"),
    [
        (RIGHT, Verdict.RIGHT, 1.0, ""),
        (WRONG, Verdict.WRONG, 0.0, ""),
        (EMPTY, Verdict.UNPARSED, 0.0, ""),
        (cut(RIGHT), Verdict.RIGHT, 1.0, ""),
        (cut(WRONG), Verdict.TRUNCATED, 0.0, "cut at max_tokens"),
        (cut(EMPTY), Verdict.TRUNCATED, 0.0, "cut at max_tokens"),
        (thinking(RIGHT), Verdict.UNFINISHED, 0.0, "ended while thinking"),
        (thinking(cut(EMPTY)), Verdict.UNFINISHED, 0.0, "cut at max_tokens while thinking"),
        (attrs.evolve(RIGHT, fault=FAULT), Verdict.FAILED, 0.0, "HTTP 500"),
        (thinking(attrs.evolve(EMPTY, fault=FAULT)), Verdict.FAILED, 0.0, "HTTP 500"),
        (attrs.evolve(RIGHT, thinking=Thinking.FINISHED), Verdict.RIGHT, 1.0, ""),
        (ended(RIGHT, FinishReason.CONTENT_FILTER), Verdict.FILTERED, 0.0, REST),
        (ended(EMPTY, FinishReason.CONTENT_FILTER), Verdict.FILTERED, 0.0, ALL),
        (thinking(ended(EMPTY, FinishReason.CONTENT_FILTER)), Verdict.FILTERED, 0.0, ALL),
        (ended(RIGHT, FinishReason.REFUSAL), Verdict.REFUSED, 0.0, "the model declined"),
        (attrs.evolve(EMPTY, refusal="No 42."), Verdict.REFUSED, 0.0, DECLINED),
        (attrs.evolve(RIGHT, refusal="No 42."), Verdict.REFUSED, 0.0, DECLINED),
        (attrs.evolve(EMPTY, refusal="No 42.", fault=FAULT), Verdict.FAILED, 0.0, "HTTP 500"),
    ],
)
def test_outcomes(response: Response, verdict: Verdict, value: float, reason: str) -> None:
    score = judged(response)
    assert (score.verdict, score.value, score.reason) == (verdict, value, reason)


def test_what_the_evaluator_found_is_kept_when_the_answer_was_cut() -> None:
    assert judged(cut(WRONG)).extracted == "41"


def test_the_evaluators_reason_follows_cores() -> None:
    class Reasoned:
        def score(self, sample: Sample, answer: Answer) -> Score:
            return Score(value=0.0, verdict=Verdict.UNPARSED, reason="no number")

    answer = Answer(prompts=(Prompt(text="p"),), responses=(cut(WRONG),))
    assert (
        score_answer(ScoringPlan(evaluator=evaluator_part(Reasoned())), SAMPLE, answer).reason
        == "cut at max_tokens; no number"
    )


def test_a_failed_turn_fails_the_conversation() -> None:
    assert judged(RIGHT, attrs.evolve(EMPTY, fault=FAULT)).verdict is Verdict.FAILED
    assert judged(attrs.evolve(EMPTY, fault=FAULT), RIGHT).verdict is Verdict.FAILED


def test_the_last_turn_counts() -> None:
    assert judged(WRONG, RIGHT).verdict is Verdict.RIGHT
    assert judged(cut(WRONG), RIGHT).verdict is Verdict.RIGHT
    assert judged(RIGHT, cut(WRONG)).verdict is Verdict.TRUNCATED


def test_a_withheld_turn_is_the_conversations_outcome() -> None:
    filtered = ended(RIGHT, FinishReason.CONTENT_FILTER)
    assert judged(filtered, RIGHT).verdict is Verdict.FILTERED
    assert judged(attrs.evolve(EMPTY, refusal="no"), RIGHT).verdict is Verdict.REFUSED


class Reads:
    """Says what it was given."""

    def score(self, sample: Sample, answer: Answer) -> Score:
        return Score(
            value=0.0, verdict=Verdict.UNJUDGED if sample.target is None else Verdict.WRONG,
            extracted=answer.text,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "extracted"), [("needed", None), ("optional", "42"), ("unused", "42")]
)
def test_rows_without_a_reference(
    reference: Literal["needed", "optional", "unused"], extracted: str | None
) -> None:
    answer = Answer(prompts=(Prompt(text="p"),), responses=(RIGHT,))
    score = score_answer(
        ScoringPlan(evaluator=evaluator_part(Reads(), reference)), Sample(id="q"), answer
    )
    assert (score.verdict, score.extracted) == (Verdict.UNJUDGED, extracted)
