"""Noticing code of a transport that holds the event loop: it blocks where it should await.

While it does, nothing else is read or sent, and no time-out can pass. A thread looks on, and
interrupts it, so that its own request fails and all others go on.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Generator
from types import FrameType
from typing import Any, TypeVar

HELD_LOOKS = 4
LOOK_SECONDS = 0.5
"""A step that was under way at so many looks in a row is interrupted. Looks are counted, not
seconds: of a machine that stood still nobody is to blame."""

_Value = TypeVar("_Value")


class HeldLoop(BaseException):
    """Raised inside of the code that holds the loop. No plain Exception, so that a handler of all
    of those does not keep it."""


class LoopGuard:
    """Looks after the code of transports on one event loop; to be used on its thread.

    The signal that interrupts reaches the main thread alone: on loops of other threads nothing is
    interrupted, and the time-outs of all requests tell.
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._main = threading.current_thread() is threading.main_thread()
        self._step = 0
        """Number of the step that is under way; 0 between two steps."""
        self._steps = 0
        self._interrupted = 0
        self._over = threading.Event()
        self._looker: threading.Thread | None = None
        self._before: Any = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def keep(self, task: asyncio.Task[_Value]) -> asyncio.Task[_Value]:
        """Hold on to a task until it is done: the loop itself does not."""
        self._tasks.add(task)
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved: who waited for it has it

    def close(self) -> None:
        """Look no longer."""
        self._over.set()
        if self._looker is not None:
            self._looker.join()
            self._looker = None
            # Otherwise another guard, which began later, still passes on to this one.
            if signal.getsignal(signal.SIGURG) == self._on_signal:
                signal.signal(signal.SIGURG, self._handler_before())

    async def run(self, work: Callable[[], Awaitable[_Value]]) -> _Value:
        """Await what ``work`` gives. Raises what it raises, HeldLoop when it held the loop."""
        if self._looker is None and self._main:
            self._start()
        value: _Value = await _Stepped(self, work)
        return value

    def _start(self) -> None:
        # Hardly anybody uses it, and by default it is ignored.
        self._before = signal.signal(signal.SIGURG, self._on_signal)
        self._looker = threading.Thread(target=self._look, name="loop-guard", daemon=True)
        self._looker.start()

    def begin(self) -> None:
        """A step begins."""
        self._steps += 1
        self._step = self._steps

    def end(self) -> None:
        """The step is over."""
        self._step = 0

    def _look(self) -> None:
        seen = looks = 0
        while not self._over.wait(LOOK_SECONDS):
            step = self._step
            looks = looks + 1 if step and step == seen else 0
            seen = step
            if looks >= HELD_LOOKS:
                looks = 0
                self._interrupted = step
                signal.pthread_kill(self._thread, signal.SIGURG)

    def _handler_before(self) -> Any:
        """The handler that is to be set again: none of a guard that is closed."""
        before = self._before
        while isinstance(guard := getattr(before, "__self__", None), LoopGuard) and (
            guard._over.is_set()
        ):
            before = guard._before
        return before or signal.SIG_DFL

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._step and self._step == self._interrupted:
            raise HeldLoop(
                f"it held the event loop for {HELD_LOOKS * LOOK_SECONDS:g} s without awaiting"
            )
        if callable(self._before):  # such as another model's guard on the same loop
            self._before(number, frame)


class _Stepped:
    """Drives an awaitable step by step, and tells the guard of each."""

    def __init__(self, guard: LoopGuard, work: Callable[[], Awaitable[Any]]) -> None:
        self._guard = guard
        self._work = work

    def __await__(self) -> Generator[Any, Any, Any]:
        guard = self._guard
        steps: Any = None
        given: Any = None
        error: BaseException | None = None
        while True:
            guard.begin()
            try:
                if steps is None:
                    steps = _steps_of(self._work())
                waiting_for = steps.send(given) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value
            finally:
                guard.end()
                error = None  # its traceback holds this frame, and so what the transport held
            try:
                given = yield waiting_for
            except BaseException as thrown:  # noqa: BLE001 - cancellation among them: passed on
                error = thrown


def _steps_of(made: Awaitable[Any]) -> Any:
    if not hasattr(made, "__await__"):
        what = type(made).__name__
        raise TypeError(f"the transport gave a {what}, and not a coroutine: write async def")
    return made.__await__()
