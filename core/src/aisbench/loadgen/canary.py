"""How late a worker reads its sockets, measured from outside.

The parent writes the time into a pipe of each worker, again and again. The worker's loop finds
the pipe readable together with its sockets and reads it in its turn. The time that has passed by
then is how long any answer that arrived at that moment had to wait, and so by how much its TTFT or
ITL is too high.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import struct

from aisbench.base.clock import now_ns

PERIOD_SECONDS = 0.02
_STAMP = struct.Struct("q")


class Canary:
    """One pipe; made before the fork, written by the parent, read by the worker."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self.lags: list[int] = []
        """ns between the writing of a stamp and its reading, in the worker."""

    def chirp(self) -> None:
        """Write the time. It is not an error if the worker no longer reads."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(self._writer, _STAMP.pack(now_ns()))

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read stamps as they come, in the worker."""
        loop.add_reader(self._reader, self._hear)

    def _hear(self) -> None:
        now = now_ns()
        with contextlib.suppress(BlockingIOError):
            for (stamp,) in _STAMP.iter_unpack(os.read(self._reader, 8 * 512)):
                self.lags.append(now - stamp)

    def close(self) -> None:
        """Close both ends, in the parent."""
        os.close(self._reader)
        os.close(self._writer)
