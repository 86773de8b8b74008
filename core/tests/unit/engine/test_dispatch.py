"""A fixed number in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator

import pytest

from aisbench.engine.dispatch import run_closed


class Handler:
    """Counts what is in flight while it takes a few turns of the loop."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self.done: list[int] = []
        self.cancelled: list[int] = []

    async def __call__(self, item: int) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            for _ in range(1 + item % 4):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(item)
            raise
        finally:
            self.now -= 1
        self.done.append(item)


def giving(
    work: Iterable[int], stopping: Callable[[], bool] = lambda: False
) -> Callable[[], Awaitable[int | None]]:
    """Gives one after the other, until it is told to stop."""
    items = iter(work)

    async def take() -> int | None:
        return None if stopping() else next(items, None)

    return take


@pytest.mark.parametrize("concurrency", [1, 2, 7, 50])
def test_the_number_in_flight_is_reached_and_never_exceeded(concurrency: int) -> None:
    handler = Handler()
    asyncio.run(run_closed(giving(range(200)), handler, concurrency))
    assert sorted(handler.done) == list(range(200))
    assert handler.most == concurrency


def test_less_work_than_workers() -> None:
    handler = Handler()
    asyncio.run(run_closed(giving(range(3)), handler, 10))
    assert sorted(handler.done) == [0, 1, 2]
    asyncio.run(run_closed(giving(()), handler, 10))
    assert len(handler.done) == 3


def test_work_is_made_only_when_it_is_needed() -> None:
    made: list[int] = []

    def work() -> Iterator[int]:
        for item in range(100):
            made.append(item)
            yield item

    async def handle(item: int) -> None:
        await asyncio.sleep(0)
        assert len(made) <= item + 4

    asyncio.run(run_closed(giving(work()), handle, 4))
    assert len(made) == 100


def test_stopping_finishes_what_is_in_flight() -> None:
    handler = Handler()
    asyncio.run(run_closed(giving(range(1000), lambda: len(handler.done) >= 20), handler, 5))
    assert 20 <= len(handler.done) < 30
    assert handler.now == 0
    assert handler.cancelled == []


def test_nothing_is_started_once_it_is_stopping() -> None:
    handler = Handler()
    asyncio.run(run_closed(giving(range(10), lambda: True), handler, 3))
    assert handler.done == []


def test_the_first_exception_cancels_the_others() -> None:
    cancelled: list[int] = []

    async def handle(item: int) -> None:
        if item == 2:
            await asyncio.sleep(0)
            raise ValueError("two")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    with pytest.raises(ValueError, match="two"):
        asyncio.run(run_closed(giving(range(100)), handle, 4))
    assert sorted(cancelled) == [0, 1, 3]


def test_an_exception_of_the_work_is_raised() -> None:
    def work() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    handler = Handler()
    with pytest.raises(ValueError, match="no more"):
        asyncio.run(run_closed(giving(work()), handler, 3))
    assert handler.now == 0


def test_cancelling_from_outside_cancels_all() -> None:
    async def scenario() -> Handler:
        handler = Handler()

        async def slow(item: int) -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                handler.cancelled.append(item)
                raise

        task = asyncio.create_task(run_closed(giving(iter(range(9))), slow, 4))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return handler

    assert sorted(asyncio.run(scenario()).cancelled) == [0, 1, 2, 3]
