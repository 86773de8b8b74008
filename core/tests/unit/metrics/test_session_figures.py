"""Whole sessions: what is on their critical path, and what runs beside it."""

from __future__ import annotations

import pytest
from recordings import Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.sessions import StepFacts, by_session
from aisbench.store.recording.columns import AttemptOutcome
from aisbench.types.performance import Population, Statistics

MS = 1_000_000
AGENT = [
    StepFacts(0),
    StepFacts(0, (0,)),
    StepFacts(0, (0,)),
    StepFacts(0, (1, 2), tool_ns=30 * MS),
]
"""A request, two sub-agents beside each other, and what joins them after a tool of 30 ms."""


def session(maker: Maker, number: int, at: float, **last: int) -> None:
    """Answers of 100 ms, but 200 ms of the second sub-agent. The join is due 50 ms behind it, and
    sent 5 ms late."""
    times = [(0, 100), (110, 100), (120, 200), (375, 100)]
    for row, (begin, took) in enumerate(times):
        maker.simple(
            sent=at + begin,
            scheduled=int((at + begin - (5 if row == 3 else 0)) * MS),
            ttft=took - 40,
            gap=10,
            count=5,
            conversation=number,
            row=row,
            **(last if row == 3 else {}),
        )


def found(maker: Maker) -> dict[str, Population]:
    return {one.name: one for one in by_session(maker.recording(), AGENT, MetricOptions())}


def value(population: Population, name: str) -> Statistics:
    return next(one for one in population.statistics if one.name == name)


def counts(population: Population) -> list[float]:
    return [one.value for one in population.figures]


def test_a_session_is_its_critical_path() -> None:
    maker = Maker()
    session(maker, 0, 0)
    session(maker, 1, 1000)
    whole = found(maker)["sessions"]
    figures = {one.name: one.mean for one in whole.statistics}
    assert figures == pytest.approx(
        {
            "session_duration": 475,
            "session_critical_path": 400,
            "session_tools": 30,
            "session_thinking": 40,
            "session_delay": 5,
            "session_waiting": 500,
            "session_steps": 4,
            "session_output_tokens": 20,
        }
    )
    parts = ("session_critical_path", "session_tools", "session_thinking", "session_delay")
    assert sum(figures[name] for name in parts) == pytest.approx(figures["session_duration"])
    assert counts(whole) == [2, 2]


def test_steps_by_their_depth() -> None:
    maker = Maker()
    session(maker, 0, 0)
    populations = found(maker)
    assert list(populations) == ["step 1", "step 2", "step 3", "sessions"]
    assert value(populations["step 2"], "ttft").n == 2
    assert value(populations["step 2"], "ttft").mean == pytest.approx(110)


def test_sessions_that_failed_or_were_cut_short_are_counted_alone() -> None:
    maker = Maker()
    session(maker, 0, 0)
    session(maker, 1, 1000, outcome=AttemptOutcome.FAILED)
    maker.simple(sent=2000, ttft=60, gap=10, count=5, conversation=2, row=0)
    whole = found(maker)["sessions"]
    assert counts(whole) == [3, 1]
    assert value(whole, "session_duration").n == 1
