"""Running a coroutine in a process of its own.

Loads are sent by forked processes, and libraries that transports use (gRPC) do not survive a fork
of a process in which they have run. So what a load asks a server before its start is asked aside.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aisbench.base.errors import AisbenchError
from aisbench.base.orphans import leave_signals_to
from aisbench.engine.waiting import Stopped

T = TypeVar("T")

_LOOK_SECONDS = 0.02


async def aside(work: Callable[[], Coroutine[Any, Any, T]], stopped: Callable[[], bool]) -> T:
    """What ``work`` gives when it is run in a forked process; cancelled, that is killed.

    Raises what ``work`` raises, if that can be pickled, and Stopped once ``stopped`` says so.
    """
    # What is buffered now would be written by the child as well.
    sys.stdout.flush()
    sys.stderr.flush()
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, writer, os.getpid()), daemon=True)
    process.start()
    writer.close()
    try:
        while not reader.poll():
            if stopped():
                raise Stopped
            await asyncio.sleep(_LOOK_SECONDS)
        found, error = reader.recv()
    except EOFError:
        process.join()
        raise AisbenchError(
            f"the process that asks the server ended with code {process.exitcode}",
            hint="is that a library of the backend's plugin?",
        ) from None
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        reader.close()
    if error is not None:
        raise error
    result: T = found
    return result


def _run(
    work: Callable[[], Coroutine[Any, Any, Any]],
    writer: multiprocessing.connection.Connection,
    parent: int,
) -> None:
    leave_signals_to(parent)
    found: Any = None
    failure: BaseException | None = None
    try:
        found = asyncio.run(work())
    except BaseException as error:  # noqa: BLE001 - it is raised in the process that waits
        failure = error
    try:
        writer.send((found, failure))
    except Exception:  # noqa: BLE001 - it cannot be pickled
        writer.send((None, RuntimeError(f"{type(failure or found).__name__}: {failure or found}")))
    writer.close()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of libraries may not let an interpreter end.
    os._exit(0)
