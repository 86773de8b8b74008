"""Running a plugin's code at its import, in this process, so that it harms nobody but itself.

What it raises is an Exception, whatever it raised; what it prints to standard output goes to
standard error, as output may be read by a program; what it changes of the process is put back;
and it ends when its time is up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TypeVar

from aisbench.base.errors import PluginError
from aisbench.plugins.process_state import kept_state

LIMIT_VARIABLE = "AISBENCH_PLUGIN_TIMEOUT"
LIMIT = 10.0
"""Seconds for the light module of one plugin, which needs milliseconds."""
TARGET_LIMITS = 6
"""Targets may import heavy libraries: they have so many times as long."""

Result = TypeVar("Result")


class ImportFault(Exception):
    """What a plugin did at its import that is no exception: it never ended, or asked the program
    to end."""


def time_limit() -> float:
    """Seconds that a plugin may take. Raises PluginError for a variable that is no such time."""
    text = os.environ.get(LIMIT_VARIABLE, "").strip()
    if not text:
        return LIMIT
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise PluginError(
            f"{LIMIT_VARIABLE} is {text!r}",
            hint=f"write the seconds that a plugin may take to be imported ({LIMIT:g} unless set)",
        )
    return seconds


def guarded(
    action: Callable[[], Result], limit: float, changes: list[str] | None = None
) -> Result:
    """What ``action`` returns. Raises the Exceptions that it raises, ImportFault for anything
    else that it does, and KeyboardInterrupt only when the user asks for it.

    What it changed of the process, and was put back, is added to ``changes``.
    """
    with kept_state([] if changes is None else changes):
        interrupts: list[int] = []
        try:
            with (
                _noticed_interrupts(interrupts),
                _ended_after(limit),
                contextlib.redirect_stdout(sys.stderr),
            ):
                return action()
        except Exception:
            raise
        except _TimeIsUp:
            raise ImportFault(hangs(limit)) from None
        except SystemExit as error:
            raise ImportFault(f"ends the program (sys.exit({error.code!r}))") from error
        except BaseException as error:
            if interrupts:
                raise
            words = f": {error}" if str(error) else ""
            raise ImportFault(f"raises {type(error).__name__}{words}") from error


def hangs(limit: float) -> str:
    """What is told of an import that did not end."""
    return f"its import did not end within {limit:g} s ({LIMIT_VARIABLE})"


class _TimeIsUp(BaseException):
    """Raised inside an import. No Exception, as imports are often tried and given up."""


@contextlib.contextmanager
def _noticed_interrupts(interrupts: list[int]) -> Iterator[None]:
    """Notes Ctrl-C, which raises KeyboardInterrupt as a plugin could do of itself."""
    previous = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        interrupts.append(number)
        previous(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


@contextlib.contextmanager
def _ended_after(limit: float) -> Iterator[None]:
    """Raises _TimeIsUp inside when the time is up, and again each second if that is caught."""
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        with _alarm(limit):
            yield
    else:
        with _raised_from_beside(limit):
            yield


@contextlib.contextmanager
def _alarm(limit: float) -> Iterator[None]:
    def end(number: int, frame: FrameType | None) -> None:
        raise _TimeIsUp

    previous = signal.signal(signal.SIGALRM, end)
    begun = time.monotonic()
    left, interval = signal.setitimer(signal.ITIMER_REAL, limit, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous if previous is not None else signal.SIG_DFL)
        if left:
            rest = max(left - (time.monotonic() - begun), 0.001)
            signal.setitimer(signal.ITIMER_REAL, rest, interval)


@contextlib.contextmanager
def _raised_from_beside(limit: float) -> Iterator[None]:
    """Signals reach the main thread alone. In another one Python code can be ended by a third
    thread; a call of C that does not return cannot."""
    import ctypes

    raised = ctypes.pythonapi.PyThreadState_SetAsyncExc
    thread = ctypes.c_ulong(threading.get_ident())
    lock, done = threading.Lock(), threading.Event()

    def end() -> None:
        wait = limit
        while not done.wait(wait):
            with lock:
                if not done.is_set():
                    raised(thread, ctypes.py_object(_TimeIsUp))
            wait = 1.0

    threading.Thread(target=end, daemon=True, name="plugin watchdog").start()
    try:
        yield
    finally:
        with lock:
            done.set()
            raised(thread, None)
