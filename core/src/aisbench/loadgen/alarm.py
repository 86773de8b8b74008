"""Waking the event loop at an instant, finer than the loop's own timers.

libuv's timers, and so uvloop's, have a resolution of a millisecond. On Linux a timerfd wakes the
loop within some ten microseconds of the instant; elsewhere the loop's own timer is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import sys
from collections.abc import Callable

from aisbench.base.clock import now_ns

_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class Alarm:
    """Calls ``ring`` at or after the instant that it was last set to, once."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._timer: asyncio.TimerHandle | None = None
        self._fd = -1
        if sys.platform == "linux":
            self._library = ctypes.CDLL(None, use_errno=True)
            self._fd = self._library.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd >= 0:
            self._setting = _Setting()
            loop.add_reader(self._fd, self._on_timer)

    def set(self, when_ns: int) -> None:
        """Ring at ``when_ns`` of the clock, or at once when that has passed."""
        if self._fd < 0:
            if self._timer is not None:
                self._timer.cancel()
            delay = max(0, when_ns - now_ns()) / 1e9
            self._timer = self._loop.call_later(delay, self._ring)
            return
        # An instant of 0 would disarm it.
        self._setting.value.seconds, self._setting.value.nanoseconds = divmod(
            max(when_ns, 1), 1_000_000_000
        )
        self._library.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(self._setting), None)

    def close(self) -> None:
        """Never ring again."""
        if self._timer is not None:
            self._timer.cancel()
        if self._fd >= 0:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _on_timer(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._fd, 8)
            self._ring()
