"""Closed-loop dispatch: one shared pool of work, a fixed number in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

Work = TypeVar("Work")


async def run_closed(
    work: Iterator[Work],
    handle: Callable[[Work], Awaitable[None]],
    concurrency: int,
    stopping: Callable[[], bool],
) -> None:
    """Keep ``concurrency`` items in flight until ``work`` ends or ``stopping`` says so.

    What is in flight then is finished. The first exception of a handler cancels the rest and is
    raised.
    """

    done = object()

    async def worker() -> None:
        while not stopping():
            item = next(work, done)
            if item is done:
                return
            await handle(item)  # type: ignore[arg-type]

    await run_together(worker() for _ in range(concurrency))


async def run_together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all at once; the first exception cancels the others, and is raised when they ended."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
