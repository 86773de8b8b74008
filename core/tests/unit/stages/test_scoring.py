"""One odd answer fails its own sample, whatever evaluators cost; a broken evaluator is told."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Any, Literal

import attrs
import pytest
from unit_fakes import evaluator_part

from aisbench.base.errors import DataError, PluginError
from aisbench.config.plan import ScoringPlan, Task
from aisbench.stages.scoring import EvaluatorFailures, ScoringFailure, score_all, watched
from aisbench.types.answer import Answer
from aisbench.types.response import Fault, FaultKind
from aisbench.types.sample import Sample
from aisbench.types.score import Score, Verdict

Cost = Literal["light", "wait", "compute"]


class Odd:
    """Does what the answer says."""

    def score(self, sample: Sample, answer: Answer) -> Score:
        said = answer.text
        if said == "raise":
            raise RecursionError("too deep")
        if said == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if said == "wait":
            time.sleep(60)
        if said == "unjudged":
            raise DataError("no reference for it", hint="none")
        if said == "nonsense":
            return Score(value=7.0, verdict=Verdict.RIGHT)
        return Score(value=1.0, verdict=Verdict.RIGHT, extracted=said)


class FakeTask:
    """As much of a task as scoring looks at."""

    label = "m / d"

    def __init__(self, cost: Cost) -> None:
        part = evaluator_part(Odd(), "optional")
        offer = attrs.evolve(part.listed.offer, cost=cost)
        evaluator = attrs.evolve(part, listed=attrs.evolve(part.listed, offer=offer))
        self.scorings = (ScoringPlan(evaluator=evaluator),)

    def scoring_of(self, sample: Sample) -> ScoringPlan:
        return self.scorings[0]


def task_of(cost: Cost) -> Task:
    found: Any = FakeTask(cost)
    made: Task = found
    return made


def scores(cost: Cost, said: Sequence[str]) -> list[Score | ScoringFailure]:
    items = [
        (
            Sample(id=f"s{number}"),
            Answer.of(text),
        )
        for number, text in enumerate(said)
    ]
    return list(score_all(task_of(cost), items))


@pytest.mark.parametrize("cost", ["light", "wait", "compute"])
def test_one_that_raises_fails_alone(cost: Cost) -> None:
    said = ["1"] * 40
    said[3] = said[20] = "raise"
    said[7] = "unjudged"
    found = scores(cost, said)
    assert len(found) == 40
    for number, made in enumerate(found):
        if number in (3, 20):
            assert isinstance(made, ScoringFailure)
            assert made.error == "RecursionError: too deep (test_scoring.py:32)"
            assert "in score" in made.trace
        elif number == 7:
            assert isinstance(made, Score)
            assert made.verdict is Verdict.UNJUDGED
        else:
            assert made == Score(value=1.0, verdict=Verdict.RIGHT, extracted="1")


@pytest.mark.parametrize("places", [[0], [39], [16, 17, 31]])
def test_one_at_which_a_process_dies_fails_alone(places: list[int]) -> None:
    said = ["1"] * 40
    for place in places:
        said[place] = "die"
    found = scores("compute", said)
    assert [at for at, made in enumerate(found) if isinstance(made, ScoringFailure)] == places
    assert "the process that scored it died" in found[places[0]].error  # type: ignore[union-attr]
    assert len(found) == 40


@pytest.mark.parametrize("cost", ["light", "compute"])
def test_a_score_that_cannot_be_is_the_evaluators_fault(cost: Cost) -> None:
    with pytest.raises(PluginError, match="gives sample s5 a score that cannot be"):
        scores(cost, ["1"] * 5 + ["nonsense"] + ["1"] * 40)


def test_failures_are_counted_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    breakages = EvaluatorFailures(task_of("light"))
    right = Score(value=1.0, verdict=Verdict.RIGHT, extracted="1")
    sample = Sample(id="s1")
    with caplog.at_level("INFO", "aisbench"):
        assert breakages.score(sample, right) is right
        made = breakages.score(sample, ScoringFailure("KeyError: 'x'", "Traceback: here"))
    assert made.verdict is Verdict.FAILED
    assert made.value == 0.0
    assert made.reason == (
        "evaluator 'same' of aisbench-plugin-p 1.2 fails: KeyError: 'x', at sample s1"
    )
    assert "fails at sample s1: KeyError: 'x'\nTraceback: here" in caplog.text
    breakages.check("RUN")
    (sentence,) = breakages.sentences()
    assert "1 answers could not be scored and count as failed" in sentence
    assert "evaluator 'same' of aisbench-plugin-p 1.2" in sentence
    assert EvaluatorFailures(task_of("light")).sentences() == ()


def test_one_that_fails_at_every_answer_is_broken() -> None:
    breakages = EvaluatorFailures(task_of("light"))
    for number in range(3):
        breakages.score(Sample(id=f"s{number}"), ScoringFailure("KeyError: 'x'"))
    # Answers that the evaluator never saw say nothing for it.
    for verdict in (Verdict.FAILED, Verdict.REFUSED, Verdict.UNFINISHED, Verdict.FILTERED):
        breakages.score(Sample(id="s"), Score(value=0.0, verdict=verdict))
    with pytest.raises(
        PluginError, match="fails at sample s0: KeyError: 'x', and at 2 more"
    ) as no:
        breakages.check("RUN")
    assert "aisbench evaluate RUN" in no.value.hint


def test_failed_requests_alone_are_nobodys_fault() -> None:
    breakages = EvaluatorFailures(task_of("light"))
    fault = Fault(kind=FaultKind.HTTP, message="no")
    breakages.score(Sample(id="s"), Score(value=0.0, verdict=Verdict.FAILED, reason=fault.message))
    breakages.check("RUN")


def test_it_is_said_how_far_a_long_scoring_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """After 10 s, then after 20 and 40, then each minute; a quick one says nothing."""
    now = iter(range(0, 10_000, 5))
    monkeypatch.setattr("aisbench.stages.scoring.time.monotonic", lambda: float(next(now)))
    score = Score(value=1.0, verdict=Verdict.RIGHT)
    said: list[str] = []
    assert len(list(watched([score] * 40, "m / d", 40, said.append))) == 40
    counts = [int(one.split(": ")[1].split()[0]) for one in said]
    assert counts == [2, 6, 14, 26, 38]
    assert said[0] == "m / d: 2 of 40 scored, about 190 s left"


def test_what_is_stopped_ends_at_once() -> None:
    """As after Ctrl-C: no program that takes a minute more is waited for."""
    items = [(Sample(id=f"s{n}"), Answer.of("1" if n < 16 else "wait")) for n in range(64)]
    begun = time.monotonic()
    running: Any = watched(score_all(task_of("compute"), items), "m / d", 64, [].append)
    next(running)
    running.close()
    assert time.monotonic() - begun < 30
