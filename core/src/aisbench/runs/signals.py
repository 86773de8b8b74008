"""Signals that end a command: Ctrl-C, SIGTERM, and SIGHUP of a terminal that was closed."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

END_SECONDS = 15.0
"""How long what libraries do at the end of the process may take: clients of trackers wait there
for programs of theirs."""
IMPATIENT_SECONDS = 1.0
"""The same where an observer is still at work, for which the run waited already."""
OBSERVER = "aisbench observer "
"""How the names of threads of observers begin."""


def stop_signals() -> tuple[signal.Signals, ...]:
    """The signals that mean "stop"; without SIGHUP for a program that was started by nohup."""
    found = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        found.append(signal.SIGHUP)
    return tuple(found)


def as_interrupts() -> None:
    """Let all of them raise KeyboardInterrupt, wherever nothing else sees to them; SIGTERM ends
    forked processes as it does without us."""
    for number in stop_signals():
        signal.signal(number, signal.default_int_handler)
    _spare_forked()


@functools.cache
def _spare_forked() -> None:
    """Libraries end their forked workers by SIGTERM and wait for them: ``multiprocessing.Pool``
    does. A KeyboardInterrupt that a worker swallows, as one does that is raised while it is being
    set up, would let them wait for ever. The signal waits until the handler is gone.
    """
    block = functools.partial(signal.pthread_sigmask, signal.SIG_BLOCK, [signal.SIGTERM])
    unblock = functools.partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, [signal.SIGTERM])

    def forked() -> None:
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        unblock()

    os.register_at_fork(before=block, after_in_parent=unblock, after_in_child=forked)


def end_now_on_signals(code: int) -> None:
    """From now on they end the process at once: what is to be said was said."""

    def end(number: int, frame: FrameType | None) -> None:
        os._exit(code)

    for number in stop_signals():
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(number, end)


def end_soon(code: int, say: Callable[[float], None]) -> None:
    """Let the process end within :data:`END_SECONDS`, whatever libraries left for its end: what is
    to be kept was written. ``say`` tells of a library that was not waited for longer than so many
    seconds."""
    left = any(one.name.startswith(OBSERVER) for one in threading.enumerate())
    seconds = IMPATIENT_SECONDS if left else END_SECONDS

    def end() -> None:
        try:
            say(seconds)
        finally:
            os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
