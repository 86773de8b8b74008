"""Steps of data sets that play their own conversations.

Whatever a step does, it delays no other request: unless its data set says that steps are light,
each conversation has a thread of its own, in which its generator runs from beginning to end (so
that it may hold what belongs to one thread), and asynchronous generators share one loop in one
more thread. Python's lock remains: a step that computes, rather than waits, still takes its turns
with everything else of the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, cast

from attrs import define, field

from aisbench.types.prompt import Prompt
from aisbench.types.response import Response

Turns = Generator[Prompt, Response, None] | AsyncGenerator[Prompt, Response]
Told = Response | None
Known = Future[Prompt | None]
"""The next prompt once it is known; None when the conversation has ended."""
_Make = Callable[[], Generator[Prompt, Response, None]]


class Play:
    """One conversation's generator; it is closed when this is let go of.

    ``whose`` names the data set in messages.
    """

    inline = False
    """Whether a step may be taken between two reads of sockets."""

    def __init__(self, whose: str) -> None:
        self.whose = whose

    def soon(self, told: Told) -> Known:
        """Begin the next step: what the answer ``told`` leads to; None: how it all begins."""
        raise NotImplementedError

    def now(self, told: Told) -> Prompt | None:
        """Take the next step and wait for its end. Raises what it raises."""
        return self.soon(told).result()

    def rest(self) -> None:
        """Hold no thread until the next step, which plays the earlier ones again."""


class LightPlay(Play):
    """A generator whose steps are taken where they are asked for."""

    inline = True

    def __init__(self, turns: Generator[Prompt, Response, None], whose: str = "") -> None:
        super().__init__(whose)
        self._turns = turns

    def soon(self, told: Told) -> Known:
        known: Known = Future()
        _fulfil(known, self._turns, told)
        return known

    def now(self, told: Told) -> Prompt | None:
        return _step(self._turns, told)


class ThreadPlay(Play):
    """A generator that may block. ``make`` makes it anew, in the same state."""

    def __init__(
        self,
        turns: Generator[Prompt, Response, None],
        make: _Make,
        whose: str = "",
    ) -> None:
        super().__init__(whose)
        self._turns: Generator[Prompt, Response, None] | None = turns
        self._make = make
        self._told: list[Told] = []
        self._asked: SimpleQueue[tuple[Known, Told] | None] | None = None

    def soon(self, told: Told) -> Known:
        if self._asked is None:
            self._asked = SimpleQueue()
            turns, self._turns = self._turns or self._make(), None
            # Daemons: a step that never ends must not keep the process alive.
            threading.Thread(
                target=_play, args=(turns, self._asked), name="aisbench-play", daemon=True
            ).start()
            for earlier in self._told:
                self._asked.put((Future(), earlier))
        known: Known = Future()
        self._told.append(told)
        self._asked.put((known, told))
        return known

    def rest(self) -> None:
        if self._asked is not None:
            self._asked.put(None)
            self._asked = None

    def __del__(self) -> None:
        self.rest()


class AsyncPlay(Play):
    """An asynchronous generator."""

    def __init__(
        self, turns: AsyncGenerator[Prompt, Response], loop: OwnLoop, whose: str = ""
    ) -> None:
        super().__init__(whose)
        self._turns = turns
        self._loop = loop

    def soon(self, told: Told) -> Known:
        return self._loop.run(_step_async(self._turns, told))

    def __del__(self) -> None:
        if not sys.is_finalizing():
            self._loop.run(self._turns.aclose())


@define(eq=False)
class OwnLoop:
    """An event loop in a thread of its own, begun when it is first needed, in the process that
    needs it: a thread does not survive a fork."""

    _loop: asyncio.AbstractEventLoop | None = None
    _process: int = 0

    def run(self, what: Any) -> Future[Any]:
        """Begin a coroutine there."""
        if self._loop is None or self._process != os.getpid():
            self._loop, self._process = asyncio.new_event_loop(), os.getpid()
            threading.Thread(
                target=_run_loop, args=(self._loop,), name="aisbench-plays", daemon=True
            ).start()
        return asyncio.run_coroutine_threadsafe(what, self._loop)

    def __del__(self) -> None:
        if self._loop is not None and self._process == os.getpid():
            with contextlib.suppress(RuntimeError):  # closed already, at the interpreter's end
                self._loop.call_soon_threadsafe(self._loop.stop)


@define
class Plays:
    """Makes the plays of one data set; ``light`` where it says that its steps are."""

    whose: str
    light: bool
    _loop: OwnLoop = field(factory=OwnLoop)

    def of(self, make: Callable[[], Turns]) -> Play:
        """The play of one conversation. Raises TypeError for what is no generator."""
        turns = make()
        if isinstance(turns, AsyncGenerator):
            return AsyncPlay(turns, self._loop, self.whose)
        if not isinstance(turns, Generator):
            raise TypeError(f"it gave {type(turns).__name__}, not a generator of prompts")
        if self.light:
            return LightPlay(turns, self.whose)
        return ThreadPlay(turns, cast("_Make", make), self.whose)


def _step(turns: Generator[Prompt, Response, None], told: Told) -> Prompt | None:
    try:
        return _checked(turns.send(told))  # type: ignore[arg-type]  # None begins it
    except StopIteration:
        return None


async def _step_async(turns: AsyncGenerator[Prompt, Response], told: Told) -> Prompt | None:
    try:
        return _checked(await turns.asend(told))  # type: ignore[arg-type]
    except StopAsyncIteration:
        return None


def _checked(given: object) -> Prompt:
    if not isinstance(given, Prompt):
        raise TypeError(f"it yielded {type(given).__name__}, not a Prompt")
    return given


def _fulfil(known: Known, turns: Generator[Prompt, Response, None], told: Told) -> None:
    try:
        known.set_result(_step(turns, told))
    except BaseException as error:  # noqa: BLE001 - it is told to the one who asked
        known.set_exception(error)


def _play(
    turns: Generator[Prompt, Response, None],
    asked: SimpleQueue[tuple[Known, Told] | None],
) -> None:
    while (item := asked.get()) is not None:
        known, told = item
        del item
        _fulfil(known, turns, told)
        del known, told
    with contextlib.suppress(BaseException):  # nobody is left to be told
        turns.close()


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        # What was begun before the stop, such as the closing of generators.
        if tasks := asyncio.all_tasks(loop):
            loop.run_until_complete(asyncio.wait(tasks))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
