"""What calls of the library have in common: one at a time, and nothing of them stays behind."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from aisbench.base.errors import AisbenchError
from aisbench.base.raised import never_ended
from aisbench.config.source import Override, set_key
from aisbench.runs.apart import apart, in_running_loop
from aisbench.runs.callbacks import CallbackDisplay
from aisbench.runs.logs import RunLog
from aisbench.runs.result import RunResult
from aisbench.runs.session import Host

T = TypeVar("T")

AnyPath = str | os.PathLike[str]

_one_at_a_time = threading.Lock()


def alone(work: Callable[[], T], display: CallbackDisplay) -> T:
    """Do the work while no other call of this process does any; then all is as it was before.

    Raises what a callback raised, once the work has ended for it.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise AisbenchError(
            "another call of aisbench is at work in this process",
            hint="wait for it, or make this call in a process of its own",
        )
    interrupts = display.interrupts
    try:
        with _as_before(), never_ended():
            if in_running_loop():
                result = apart(work, interrupts, _signals())
            else:
                interrupts.signals = _signals()
                result = work()
    except BaseException as error:
        if display.error is not None and display.error is not error:
            raise display.error from error
        raise
    finally:
        _one_at_a_time.release()
    if display.error is not None:
        raise display.error
    return result


def _signals() -> tuple[signal.Signals, ...]:
    """Ctrl-C, where this thread gets it and the program has no handler of its own for it."""
    if threading.current_thread() is not threading.main_thread():
        return ()
    handler = signal.getsignal(signal.SIGINT)
    # asyncio.run (Python 3.11) has one that cancels the task which waits for us: in vain.
    of_asyncio = getattr(getattr(handler, "func", None), "__module__", "") == "asyncio.runners"
    free = of_asyncio or handler is signal.default_int_handler
    return (signal.SIGINT,) if free else ()


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Runs raise the limit on open files; that is taken back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def host_of(display: CallbackDisplay, log: RunLog) -> Host:
    """A program that calls the library."""
    return Host(
        display=display,
        interrupts=display.interrupts,
        log=log,
        arguments=(),
        resume_words=resume_words,
    )


def overrides_of(values: Mapping[str, Any] | None) -> list[Override]:
    """Values by dotted key. Raises ConfigError."""
    return [set_key(key, value) for key, value in (values or {}).items()]


def path_of(run: RunResult | AnyPath) -> Path:
    """The folder of a run."""
    return run.path if isinstance(run, RunResult) else Path(run)


def paths_of(files: Sequence[AnyPath]) -> list[Path]:
    """Files that are plugins."""
    return [Path(one) for one in files]


def resume_words(run: Path) -> str:
    """How a program continues a run."""
    return f"aisbench.run(resume={str(run)!r})"
