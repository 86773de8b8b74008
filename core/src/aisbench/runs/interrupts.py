"""How a run is asked to stop: by signals where they can be had, by another thread anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from attrs import define, field


@define
class Interrupts:
    """Passes requests to stop on to the stage that runs.

    ``signals`` are those that stop the run while a stage reacts to them; a run outside the main
    thread has none. :meth:`ask` does the same from any thread.
    """

    signals: tuple[signal.Signals, ...] = ()
    _react: Callable[[], None] | None = None
    _waiting: int = 0
    """Requests that no stage has seen."""
    _lock: threading.RLock = field(factory=threading.RLock)

    def ask(self) -> None:
        """Stop: finish what is in flight. The second time: at once."""
        with self._lock:
            if self._react is None:
                self._waiting += 1
            else:
                self._react()

    def check(self) -> None:
        """Between two steps in which nothing reacts. Raises KeyboardInterrupt if asked to stop."""
        if self._waiting:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def reaching_loop(
        self, loop: asyncio.AbstractEventLoop, react: Callable[[], None]
    ) -> Iterator[None]:
        """Within it ``react`` is called in ``loop``; then the signals' handlers are as before."""

        def ask_loop() -> None:
            loop.call_soon_threadsafe(react)

        before = {number: signal.getsignal(number) for number in self.signals}
        for number in self.signals:
            loop.add_signal_handler(number, react)
        try:
            with self._reacting(ask_loop):
                yield
        finally:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)

    @contextlib.contextmanager
    def reaching_main_thread(
        self, on_signal: Callable[[], None], on_ask: Callable[[], None]
    ) -> Iterator[None]:
        """Within it a signal interrupts the main thread for ``on_signal``, which may raise.

        ``on_ask`` is called in the thread that asks, and must not. The handlers are as before
        once it is left.
        """

        def handle(number: int, frame: FrameType | None) -> None:
            on_signal()

        before = {number: signal.signal(number, handle) for number in self.signals}
        try:
            with self._reacting(on_ask):
                yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def asked_by(self, signals: Sequence[signal.Signals]) -> Iterator[None]:
        """Within it these signals, which the main thread gets, ask to stop."""

        def handle(number: int, frame: FrameType | None) -> None:
            self.ask()

        before = {number: signal.signal(number, handle) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def ignore(self) -> None:
        """Ignore the signals until the present context is left."""
        for number in self.signals:
            signal.signal(number, signal.SIG_IGN)

    @contextlib.contextmanager
    def _reacting(self, react: Callable[[], None]) -> Iterator[None]:
        with self._lock:
            self._react = react
            if self._waiting:
                self._waiting = 0
                react()
        try:
            yield
        finally:
            with self._lock:
                self._react = None
