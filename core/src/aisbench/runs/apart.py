"""Work in a thread of its own, for programs whose event loop is running: notebooks."""

from __future__ import annotations

import asyncio
import contextvars
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from aisbench.runs.interrupts import Interrupts

T = TypeVar("T")


def in_running_loop() -> bool:
    """Whether an event loop runs in this thread, so that no other can."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def apart(
    work: Callable[[], T], interrupts: Interrupts, signals: Sequence[signal.Signals] = ()
) -> T:
    """Do the work in another thread, and wait for it.

    Each of the ``signals``, and each KeyboardInterrupt that a handler of the program's own raises
    here, asks the work to stop. Raises KeyboardInterrupt when it came to its end all the same.
    """
    with (
        interrupts.asked_by(signals),
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="aisbench") as pool,
    ):
        future = pool.submit(contextvars.copy_context().run, work)
        while True:
            try:
                result = future.result()
                break
            except KeyboardInterrupt:
                if future.done():
                    raise
                interrupts.ask()
    interrupts.check()
    return result
