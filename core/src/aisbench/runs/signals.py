"""Signals that end a command: Ctrl-C, SIGTERM, and SIGHUP of a terminal that was closed."""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType


def stop_signals() -> tuple[signal.Signals, ...]:
    """The signals that mean "stop"; without SIGHUP for a program that was started by nohup."""
    found = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        found.append(signal.SIGHUP)
    return tuple(found)


def as_interrupts() -> None:
    """Let all of them raise KeyboardInterrupt, wherever nothing else sees to them."""
    for number in stop_signals():
        signal.signal(number, signal.default_int_handler)


def end_now_on_signals(code: int) -> None:
    """From now on they end the process at once: what is to be said was said."""

    def end(number: int, frame: FrameType | None) -> None:
        os._exit(code)

    for number in stop_signals():
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(number, end)
