"""A time-out that can be moved while it runs, for every supported Python."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Expired(Exception):
    """The deadline passed. ``label`` is the time-out's name in the suite."""

    def __init__(self, label: str, seconds: float) -> None:
        super().__init__(label)
        self.label = label
        self.seconds = seconds


class Deadline:
    """Cancels the current task when time runs out, and turns that into :class:`Expired`.

    Unlike asyncio.timeout it exists on Python 3.10, and says which limit ran out.
    """

    __slots__ = ("_fired", "_handle", "_label", "_loop", "_seconds", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._fired = False
        self._label = ""
        self._seconds = 0.0

    def set(self, label: str, start: float, seconds: float) -> None:
        """Expire at ``start + seconds`` of the loop's clock, instead of what was set before."""
        if self._handle is not None:
            self._handle.cancel()
        self._label = label
        self._seconds = seconds
        self._handle = self._loop.call_at(start + seconds, self._expire)

    def _expire(self) -> None:
        self._fired = True
        if self._task is not None:
            self._task.cancel()

    def __enter__(self) -> Deadline:
        self._task = asyncio.current_task()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._handle is not None:
            self._handle.cancel()
        task, self._task = self._task, None
        if not self._fired or kind is not asyncio.CancelledError:
            return
        # From Python 3.11 on a task counts its cancellations: ours is taken back, and when
        # somebody else cancelled as well, theirs wins.
        uncancel = getattr(task, "uncancel", None)
        if uncancel is not None and uncancel():
            return
        raise Expired(self._label, self._seconds) from error
