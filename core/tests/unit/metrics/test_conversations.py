"""Turns one by one, and conversations as a whole."""

from __future__ import annotations

import pytest
from recordings import Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.conversations import MOST_TURNS, by_turn
from aisbench.store.recording.columns import AttemptOutcome
from aisbench.types.performance import Population, Statistics

OPTIONS = MetricOptions()


def talk(maker: Maker, number: int, begin: float, turns: list[float], **last: int) -> None:
    """A conversation whose turns have these TTFTs (ms); each answer is 5 tokens, 10 ms apart,
    and a think time of 100 ms follows. ``last`` changes the last turn."""
    at = begin
    for turn, ttft in enumerate(turns):
        extra = last if turn == len(turns) - 1 else {}
        maker.simple(sent=at, ttft=ttft, gap=10, count=5, turn=turn, conversation=number, **extra)
        at += ttft + 40 + 100


def found(maker: Maker) -> dict[str, Population]:
    return {one.name: one for one in by_turn(maker.recording(), OPTIONS)}


def statistic(population: Population, name: str) -> Statistics:
    return next(one for one in population.statistics if one.name == name)


def figure(population: Population, name: str) -> float:
    return next(one.value for one in population.figures if one.name == name)


def test_rows_of_one_turn_have_no_such_populations() -> None:
    maker = Maker()
    for number in range(5):
        talk(maker, number, number * 10, [20])
    assert by_turn(maker.recording(), OPTIONS) == ()


def test_each_turn_has_its_own_latencies() -> None:
    maker = Maker()
    talk(maker, 0, 0, [50, 20, 10])
    talk(maker, 1, 5, [70, 30])
    populations = found(maker)
    assert list(populations) == ["turn 1", "turn 2", "turn 3", "conversations"]
    assert statistic(populations["turn 1"], "ttft").mean == pytest.approx(60)
    assert statistic(populations["turn 2"], "ttft").mean == pytest.approx(25)
    assert statistic(populations["turn 3"], "ttft").n == 1
    assert figure(populations["turn 2"], "success_requests") == 2
    assert populations["turn 1"].begin_ns == 0


def test_conversations_as_a_whole() -> None:
    maker = Maker()
    talk(maker, 0, 0, [50, 20])
    talk(maker, 7, 1000, [60])
    whole = found(maker)["conversations"]
    # 50 + 40 + 100 + 20 + 40 ms, of which 100 are thought.
    assert statistic(whole, "conversation_duration").max == pytest.approx(250)
    assert statistic(whole, "conversation_waiting").max == pytest.approx(150)
    assert statistic(whole, "conversation_waiting").min == pytest.approx(100)
    assert statistic(whole, "conversation_turns").mean == pytest.approx(1.5)
    assert statistic(whole, "conversation_output_tokens").max == 10
    assert figure(whole, "total_conversations") == 2


def test_rows_of_several_workers_come_in_any_order() -> None:
    one, other = Maker(), Maker()
    for number in range(6):
        talk(one, number, number * 7, [50 + number, 20])
    other.rows, other.reads = one.rows[::-1], one.reads[::-1]
    straight, turned = found(one), found(other)
    for name in straight:
        assert straight[name].figures == turned[name].figures
        for a, b in zip(straight[name].statistics, turned[name].statistics, strict=True):
            assert (a.name, a.n, a.min, a.max) == (b.name, b.n, b.min, b.max)


def test_a_conversation_with_a_failed_turn_counts_and_has_no_duration() -> None:
    maker = Maker()
    talk(maker, 0, 0, [50, 20])
    talk(maker, 1, 0, [50, 20], outcome=int(AttemptOutcome.FAILED))
    populations = found(maker)
    assert figure(populations["conversations"], "total_conversations") == 2
    assert figure(populations["conversations"], "success_conversations") == 1
    assert statistic(populations["conversations"], "conversation_turns").n == 1
    assert figure(populations["turn 2"], "total_requests") == 2
    assert figure(populations["turn 2"], "success_requests") == 1


def test_retries_do_not_add_turns() -> None:
    maker = Maker()
    talk(maker, 0, 0, [50, 20])
    first = maker.simple(sent=0, ttft=5, gap=1, count=2, turn=0, conversation=0, final=0)
    first["outcome"] = int(AttemptOutcome.FAILED)
    populations = found(maker)
    assert statistic(populations["conversations"], "conversation_turns").mean == 2
    assert figure(populations["turn 1"], "total_requests") == 1


def test_very_long_conversations_do_not_make_endless_tables() -> None:
    maker = Maker()
    talk(maker, 0, 0, [10.0] * (MOST_TURNS + 5))
    assert len(found(maker)) == MOST_TURNS + 1
