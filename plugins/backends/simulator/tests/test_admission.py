"""A batch of so many sequences: who waits, for how long, and what one more costs the others."""

from __future__ import annotations

import asyncio
import time

from aisbench_plugin_simulator.admission import Seats, in_batch
from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.schedule import Schedule
from aisbench_plugin_simulator.settings import SimulatorSettings


def record() -> Record:
    return Record(endpoint="/", body="b", attempt=0, arrival_ns=time.monotonic_ns())


async def answered(
    seats: Seats, settings: SimulatorSettings, order: list[int], number: int, seconds: float
) -> Record:
    one = record()
    async with seats.taken(settings, one):
        order.append(number)
        await asyncio.sleep(seconds)
    return one


def test_the_first_to_come_is_the_first_to_be_answered() -> None:
    async def scene() -> None:
        seats, order = Seats(), list[int]()
        settings = SimulatorSettings(max_num_seqs=2)
        tasks = [
            asyncio.create_task(answered(seats, settings, order, number, 0.05))
            for number in range(6)
        ]
        await asyncio.sleep(0.01)
        assert (seats.running, seats.waiting) == (2, 4)
        records = await asyncio.gather(*tasks)
        assert order == [0, 1, 2, 3, 4, 5]
        waited = [one.waited_ns / 1e9 for one in records]
        assert waited[:2] == [0, 0]
        assert 0.04 < waited[2] < 0.2
        assert waited[4] > waited[2]
        assert [one.beside for one in records] == [0, 1, 1, 1, 1, 1]
        assert (seats.running, seats.waiting) == (0, 0)

    asyncio.run(scene())


def test_one_that_goes_away_gives_its_place_to_the_next() -> None:
    async def scene() -> None:
        seats, order = Seats(), list[int]()
        settings = SimulatorSettings(max_num_seqs=1)
        tasks = [
            asyncio.create_task(answered(seats, settings, order, number, 0.03))
            for number in range(4)
        ]
        await asyncio.sleep(0.01)
        tasks[1].cancel()  # it waits
        tasks[0].cancel()  # it is answered
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in done] == [
            True, True, False, False,
        ]  # fmt: skip
        assert order == [0, 2, 3]
        assert (seats.running, seats.waiting) == (0, 0)

    asyncio.run(scene())


def test_waiting_and_company_are_in_the_schedule() -> None:
    settings = SimulatorSettings(ttft_ms=10, tpot_ms=2, batch_ms=0.5)
    one = record()
    one.waited_ns, one.beside = 30_000_000, 4
    made = in_batch(settings, Schedule.of(settings, "b", 0, 0.0), one)
    assert round(made.ttft, 9) == 0.04
    assert round(made.tpot, 9) == 0.004
    assert SimulatorSettings().max_num_seqs == 0
