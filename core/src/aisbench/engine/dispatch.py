"""Closed-loop dispatch: a fixed number of items in flight, taken from one queue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

Item = TypeVar("Item")


async def run_closed(
    take: Callable[[], Awaitable[Item | None]],
    handle: Callable[[Item], Awaitable[None]],
    concurrency: int,
) -> None:
    """Keep ``concurrency`` items in flight until ``take`` gives none.

    What is in flight by then is finished. The first exception of a handler cancels the rest and is
    raised.
    """

    async def worker() -> None:
        while (item := await take()) is not None:
            await handle(item)

    await run_together(worker() for _ in range(concurrency))


async def run_together(coroutines: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all at once; the first exception cancels the others, and is raised when they ended."""
    tasks = [asyncio.create_task(one) for one in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
