"""Work in a thread of its own, for programs whose event loop is running: notebooks."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
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


def apart(work: Callable[[], T], interrupts: Interrupts) -> T:
    """Do the work in another thread, and wait for it.

    A KeyboardInterrupt of the thread that waits asks the work to stop, each one once; it is
    raised when the work comes to its end all the same.
    """
    interrupted: KeyboardInterrupt | None = None
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="aisbench") as pool:
        future = pool.submit(contextvars.copy_context().run, work)
        while True:
            try:
                result = future.result()
                break
            except KeyboardInterrupt as error:
                if future.done():
                    raise
                interrupted = error
                interrupts.ask()
    if interrupted is not None:
        raise interrupted
    return result
