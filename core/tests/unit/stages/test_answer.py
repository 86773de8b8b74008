"""What evaluators get: one class for all of it, which those written for contract 1.0 take too."""

from __future__ import annotations

import attrs
import pytest
from unit_fakes import evaluator_part

from aisbench.config.plan import ScoringPlan
from aisbench.stages.outcome import score_answer
from aisbench.types.answer import Answer, Transcript
from aisbench.types.prompt import Prompt
from aisbench.types.response import Fault, FaultKind, FinishReason, Response, TokenLogprob
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict
from aisbench.types.timing import Timing
from aisbench.types.tools import ToolCall

SAMPLE = Sample(id="q", target="42")


class OfVersionOne:
    """As contract 1.0 had it, with all that it could do to a transcript."""

    def score(self, sample: Sample, transcript: Transcript) -> Score:
        assert isinstance(transcript, Transcript)
        assert [one.text for one in transcript.prompts] == ["?", "Sure?"]
        *_, last = transcript.responses
        assert last is transcript.response
        upper = attrs.evolve(last, text=last.text.upper())
        changed = attrs.evolve(transcript, responses=(*transcript.responses[:-1], upper))
        return Score(value=1.0, verdict=Verdict.RIGHT, extracted=changed.response.text)


def two_turns() -> Answer:
    return Answer(
        prompts=(Prompt(text="?"), Prompt(text="Sure?")),
        responses=(Response(text="41"), Response(text="yes, 42")),
        timings=(None, Timing(dispatched=1, first_token=5, done=9)),
    )


def test_an_evaluator_of_contract_1_0() -> None:
    assert (
        score_answer(
            ScoringPlan(evaluator=evaluator_part(OfVersionOne())), SAMPLE, two_turns()
        ).extracted
        == "YES, 42"
    )


def test_all_of_an_answer() -> None:
    answer = two_turns()
    first, last = answer.transcript.steps
    assert (first.prompt.text, first.response.text, first.timing) == ("?", "41", None)
    assert last.timing is not None
    assert answer.timing == last.timing
    assert (answer.text, answer.reasoning, answer.calls) == ("yes, 42", None, ())
    call = ToolCall(name="f", arguments="{}")
    token = TokenLogprob(token="a", logprob=-0.5)
    one = Answer.of_response(
        Response(text="a", reasoning="so", tool_calls=(call,), tokens=(token,)), prompt="Say a"
    )
    assert (one.reasoning, one.calls, one.logprobs) == ("so", (call,), (token,))
    assert (one.prompts[0].text, one.timing) == ("Say a", None)
    assert Answer.of("a").response.finish_reason is FinishReason.STOP


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (Response(text="a", finish_reason=FinishReason.STOP), None),
        (Response(text="a", finish_reason=FinishReason.LENGTH), Verdict.TRUNCATED),
        (Response(refusal="no"), Verdict.REFUSED),
        (Response(fault=Fault(kind=FaultKind.CUT, message="cut")), Verdict.FAILED),
    ],
)
def test_how_it_ended(response: Response, outcome: Verdict | None) -> None:
    assert Answer.of_response(response).outcome is outcome
