"""The agenda and its alarm: in order, in time, forgotten by weight; on both event loops."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop

from aisbench.base.clock import now_ns
from aisbench.loadgen import agenda as agenda_module
from aisbench.loadgen.agenda import Agenda
from aisbench.loadgen.alarm import Alarm

pytestmark = pytest.mark.alone

MS = 1_000_000
Play = Callable[[Callable[[asyncio.AbstractEventLoop], Awaitable[None]]], None]


@pytest.fixture(params=["uvloop", "asyncio"])
def play(request: pytest.FixtureRequest) -> Play:
    """Run a coroutine of the loop on each kind of event loop."""

    def run(body: Callable[[asyncio.AbstractEventLoop], Awaitable[None]]) -> None:
        async def main() -> None:
            await body(asyncio.get_running_loop())

        runner: Any = uvloop.run if request.param == "uvloop" else asyncio.run
        runner(main())

    return run


def test_things_are_done_in_the_order_of_their_instants(play: Play) -> None:
    done: list[int] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        agenda = Agenda(loop)
        begin = now_ns() + 5 * MS
        for offset in (3, 1, 2, 0, 1):
            agenda.add(begin + offset * MS, lambda when: done.append((when - begin) // MS))
        assert len(agenda) == 5
        await asyncio.sleep(0.05)
        agenda.close()

    play(body)
    assert done == [0, 1, 1, 2, 3]


def test_nothing_is_early_and_most_is_on_time(play: Play) -> None:
    late: list[int] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        agenda = Agenda(loop)
        begin = now_ns() + 5 * MS
        for number in range(100):
            agenda.add(begin + number * MS, lambda when: late.append(now_ns() - when))
        await asyncio.sleep(0.15)
        agenda.close()

    play(body)
    assert len(late) == 100
    assert min(late) >= 0
    if sys.platform == "linux":
        # The loops' own timers would give some 0.5 to 1 ms.
        assert statistics.median(late) < MS


def test_what_is_past_is_done_at_once_and_a_nearer_one_first(play: Play) -> None:
    done: list[str] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        agenda = Agenda(loop)
        agenda.add(now_ns() + 10_000 * MS, lambda _: done.append("far"))
        agenda.add(now_ns() + 10 * MS, lambda _: done.append("near"))
        agenda.add(1, lambda _: done.append("past"))
        await asyncio.sleep(0.04)
        assert len(agenda) == 1
        agenda.close()

    play(body)
    assert done == ["past", "near"]


def test_light_entries_are_forgotten_and_heavy_ones_stay(play: Play) -> None:
    done: list[int] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        agenda = Agenda(loop)
        for weight in (0, 1, 2):
            agenda.add(now_ns() + 10 * MS, lambda _, weight=weight: done.append(weight), weight)
        agenda.forget(1)
        await asyncio.sleep(0.03)
        agenda.close()
        assert not len(agenda)

    play(body)
    assert done == [2]


def test_an_action_may_add_more(play: Play) -> None:
    done: list[int] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        agenda = Agenda(loop)

        def again(when: int) -> None:
            done.append(when)
            if len(done) < 5:
                agenda.add(when + MS, again)

        agenda.add(now_ns(), again)
        await asyncio.sleep(0.05)
        agenda.close()

    play(body)
    assert [b - a for a, b in itertools.pairwise(done)] == [MS] * 4


def test_a_crowd_of_late_things_lets_the_loop_read_in_between(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda_module, "SLICE_NS", 0)
    turns: list[int] = []
    done: list[int] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        agenda = Agenda(loop)
        for number in range(20):
            agenda.add(1, lambda _, number=number: done.append(number))
        while len(done) < 20:
            turns.append(len(done))
            await asyncio.sleep(0)
        agenda.close()

    play(body)
    assert done == list(range(20))
    assert len(set(turns)) > 10


def test_a_closed_agenda_does_nothing_more(play: Play) -> None:
    done: list[int] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        agenda = Agenda(loop)
        agenda.add(now_ns() + 5 * MS, done.append)
        agenda.close()
        await asyncio.sleep(0.02)

    play(body)
    assert done == []


def test_the_alarm_works_without_a_timerfd(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    rung: list[int] = []

    async def body(loop: asyncio.AbstractEventLoop) -> None:
        alarm = Alarm(loop, lambda: rung.append(now_ns()))
        alarm.set(now_ns() + 500 * MS)
        wanted = now_ns() + 10 * MS
        alarm.set(wanted)  # it keeps one instant: the last
        await asyncio.sleep(0.05)
        assert len(rung) == 1
        assert rung[0] >= wanted - 2 * MS
        alarm.set(now_ns() + 10 * MS)
        alarm.close()
        await asyncio.sleep(0.03)

    play(body)
    assert len(rung) == 1
