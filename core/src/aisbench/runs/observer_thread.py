"""An observer in a thread of its own: whatever it does, the run does not wait for it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable

from attrs import define, field

from aisbench.base.raised import described
from aisbench.base.visible import visible
from aisbench.contract.observers import Observer

Call = Callable[[Observer], None]

BEGIN = "begin"
PROGRESS = "progress"
MOST_WAITING = 1000
"""Calls that may wait for an observer; a run of more tasks than that is not known."""
KINDS_OF_FAILURE = 5
"""Failures that are told of one observer, each once; more say little."""
CLONE_FS = 0x200
"""Of Linux: what a thread and others share of the current folder and the umask."""


@define
class ObserverThread:
    """Makes the calls of one observer, in order.

    All methods but the thread's own are called by the run, and return at once.
    """

    observer: Observer
    failures: Counter[str] = field(factory=Counter)
    """Sentences on what failed, with how often."""
    _calls: deque[tuple[str, Call]] = field(factory=deque)
    _progress: Call | None = None
    """The latest; an earlier one that was not told is of no use any more."""
    _busy: str = ""
    _begun: int = 0
    _held: bool = False
    _over: bool = False
    _dead: bool = False
    _changed: threading.Condition = field(factory=threading.Condition)
    _thread: threading.Thread | None = None

    def start(self, name: str) -> None:
        """Begin to make calls. The process does not wait for the thread."""
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def tell(self, what: str, call: Call) -> None:
        """Add a call to those that wait."""
        with self._changed:
            if self._dead or self._over:
                return
            if len(self._calls) >= MOST_WAITING:
                self._fail(f"does not keep up: {MOST_WAITING} calls wait for {self._busy or what}")
                self._dead = True
                self._calls.clear()
            else:
                self._calls.append((what, call))
            self._changed.notify_all()

    def tell_progress(self, call: Call) -> None:
        """Tell how far it is, unless something newer comes before it can be told."""
        with self._changed:
            if not (self._dead or self._over):
                self._progress = call
                self._changed.notify_all()

    def hold(self) -> None:
        """Make no further call until :meth:`release`."""
        with self._changed:
            self._held = True

    def release(self) -> None:
        """Make calls again."""
        with self._changed:
            self._held = False
            self._changed.notify_all()

    @property
    def under_way(self) -> int:
        """The number of the call that is being made, from 1; 0: none is."""
        return self._begun if self._busy else 0

    def finish(self) -> None:
        """No call comes after those that wait."""
        with self._changed:
            self._over, self._held = True, False
            self._changed.notify_all()

    def ended_soon(self) -> bool:
        """Whether all calls are made within a second."""
        assert self._thread is not None
        self._thread.join(1.0)
        return not self._thread.is_alive()

    def wait(self, until: float) -> bool:
        """Wait until all calls are made, or the monotonic clock says ``until``; whether they are.
        What is not done by then is a failure."""
        assert self._thread is not None
        self._thread.join(max(until - time.monotonic(), 0.0))
        if not self._thread.is_alive():
            return True
        with self._changed:
            waiting = [name for name, _ in self._calls]
            left = f", and was not told: {', '.join(waiting)}" if waiting else ""
            self._fail(f"is still busy with {self._busy or 'nothing'}{left}")
            self._dead = True
            self._calls.clear()
        return False

    def _work(self) -> None:
        process, folder = os.getpid(), _own_folder()
        while (following := self._next()) is not None:
            what, call = following
            try:
                call(self.observer)
            except BaseException as error:  # noqa: BLE001 - also sys.exit of a library ends nothing
                with self._changed:
                    self._fail(f"failed at {what}: {_one_line(described(error))}")
                    if what == BEGIN:
                        self._dead = True
                        self._calls.clear()
            finally:
                if os.getpid() != process:
                    os._exit(0)  # it forked, and its child came back
            if folder and _moved_back(folder):
                with self._changed:
                    self._fail(f"changed the current folder at {what}; it was put back")
            with self._changed:
                self._busy = ""

    def _next(self) -> tuple[str, Call] | None:
        with self._changed:
            while True:
                if self._dead:
                    return None
                if not self._held:
                    if self._calls:
                        following = self._calls.popleft()
                        self._busy, self._begun = following[0], self._begun + 1
                        return following
                    if self._over:
                        return None
                    if self._progress is not None:
                        found, self._progress = self._progress, None
                        self._busy, self._begun = PROGRESS, self._begun + 1
                        return PROGRESS, found
                self._changed.wait()

    def _fail(self, sentence: str) -> None:
        if sentence in self.failures or len(self.failures) < KINDS_OF_FAILURE:
            self.failures[sentence] += 1


def _one_line(text: str) -> str:
    return " ".join(visible(text).split())


def _own_folder() -> str:
    """Give this thread, and those that it starts, a current folder of their own, so that a change
    of it is none of the run's; where the system cannot do that: the folder to go back to."""
    import ctypes  # where nothing is observed it is not needed

    if sys.platform == "linux" and not ctypes.CDLL(None).unshare(CLONE_FS):
        return ""
    return os.getcwd()  # noqa: PTH109 - as a text, it is compared


def _moved_back(folder: str) -> bool:
    """Go back to the folder, from wherever a call went; whether it went anywhere."""
    try:
        if os.getcwd() == folder:  # noqa: PTH109
            return False
        os.chdir(folder)
    except OSError:
        return False  # it is gone, and there is nothing to go back to
    return True
