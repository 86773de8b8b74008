"""Constructors that may only construct: they run in another process than the one that works."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

from aisbench_testkit.checks.trial import NotChecked

_EVENTS: Mapping[str, str] = {
    "socket.__new__": "opens a socket",
    "subprocess.Popen": "starts a process",
    "os.fork": "starts a process",
}
"""Of Python's audit. An event loop opens sockets."""


class _Denied(Exception):
    """A constructor does what is for ``connect`` to do."""


class _Denial:
    """One audit hook for the process, as hooks cannot be removed."""

    def __init__(self) -> None:
        self.thread = 0
        self.done: list[str] = []
        self.added = False

    def __call__(self, event: str, args: Any) -> None:
        if event in _EVENTS:
            self.refuse(_EVENTS[event])

    def refuse(self, what: str) -> None:
        """Raises _Denied on the thread that constructs."""
        if self.thread == threading.get_ident():
            self.done.append(what)
            raise _Denied(f"it {what}, which is for connect() to do")


_denial = _Denial()


@contextmanager
def _denied() -> Iterator[list[str]]:
    """No sockets, threads and processes on this thread; what was tried is in the list."""
    if not _denial.added:
        sys.addaudithook(_denial)
        _denial.added = True
    _denial.done = []
    start = threading.Thread.start

    def refused(thread: threading.Thread) -> None:  # which Python's audit is not told of
        _denial.refuse("starts a thread")
        start(thread)

    _denial.thread = threading.get_ident()
    try:
        with mock.patch.object(threading.Thread, "start", refused):
            yield _denial.done
    finally:
        _denial.thread = 0


def check_construction(make: Callable[[], object]) -> list[str]:
    """The constructor opens nothing, and starts no loop, thread or process: it runs in another
    process than the one that sends a load."""
    make()  # what it imports may do so, once
    problems: list[str] = []
    tried: list[str] = []
    try:
        with _denied() as tried:
            make()
    except NotChecked:
        raise
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
        if not tried:
            problems.append(f"making it raises {type(error).__name__} the second time: {error}")
    problems += [
        f"the constructor {what}: that is for connect() to do, in the process that sends a load"
        for what in dict.fromkeys(tried)
    ]
    return problems
