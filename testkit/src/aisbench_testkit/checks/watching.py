"""A transport watched at work: what core asks of it, what it tells, and how long it holds the
loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any

from attrs import define, field

from aisbench.api import (
    JsonObject,
    Request,
    Response,
    Tape,
    TransportAddress,
    TransportBackend,
    TransportConnection,
)
from aisbench_testkit.checks.trial import told

CLOSE_SECONDS = 2.0
"""As long as core lets a connection close."""


@define(eq=False)
class WatchedSend:
    """One call of ``send``."""

    request: Request
    reused: bool
    tokens: int = 0
    text: str = ""
    reasoning: str = ""
    cancelled: bool = False
    """Whether CancelledError was raised in it."""
    ended: bool = False
    error: str = ""
    """What it raised. The error itself would hold on to its calls, which end with it."""
    passed_on: bool = False
    """Whether it raised CancelledError."""


@define(eq=False)
class TransportWatch:
    """What was seen of one backend."""

    sends: list[WatchedSend] = field(factory=list)
    connections: list[WatchedConnection] = field(factory=list)
    connecting: int = 0
    """Calls of ``connect`` under way."""
    longest: float = 0.0
    """The longest step without awaiting, in s."""
    on_send: Callable[[], None] = lambda: None
    on_token: Callable[[], None] = lambda: None

    @property
    def sending(self) -> int:
        """Calls of ``send`` under way."""
        return sum(not one.ended for one in self.sends)

    def problems(self) -> list[str]:
        """What of closing went wrong, once all is over."""
        found = []
        if self.connecting:
            found.append("connect() goes on though core has given it up: CancelledError must pass")
        if self.sending:
            found.append("send() goes on though core has given it up: CancelledError must pass")
        for one in self.connections:
            if one.close_error:
                found.append(f"close() raises {one.close_error}")
            elif one.closes and not one.closed:
                found.append(f"close() does not end within {CLOSE_SECONDS:g} s")
        return list(dict.fromkeys(found))


class _Watched:
    """Drives an awaitable, notes its longest step, and whether it was cancelled."""

    def __init__(self, watch: TransportWatch, work: Callable[[], Awaitable[Any]]) -> None:
        self._watch = watch
        self._work = work
        self.cancelled = False

    def __await__(self) -> Generator[Any, Any, Any]:
        steps: Any = None
        given: Any = None
        error: BaseException | None = None
        while True:
            begin = time.perf_counter()
            try:
                if steps is None:
                    steps = self._work().__await__()
                waiting_for = steps.send(given) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value
            finally:
                self._watch.longest = max(self._watch.longest, time.perf_counter() - begin)
                error = None  # its traceback holds this frame
            try:
                given = yield waiting_for
            except BaseException as thrown:  # noqa: BLE001 - cancellation among them: passed on
                error = thrown
                self.cancelled = self.cancelled or isinstance(thrown, asyncio.CancelledError)


class TransportUnderWatch(TransportBackend):
    """Stands before a backend."""

    def __init__(self, inner: TransportBackend, watch: TransportWatch) -> None:
        self._inner = inner
        self._watch = watch

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return self._inner.refused(generation)

    async def connect(self, address: TransportAddress) -> TransportConnection:
        watch = self._watch
        watch.connecting += 1
        try:
            made = await _Watched(watch, lambda: self._inner.connect(address))
        finally:
            watch.connecting -= 1
        if not all(hasattr(type(made), name) for name in ("send", "close", "usable")):
            return made  # type: ignore[no-any-return]  # core says what it lacks
        connection = WatchedConnection(inner=made, watch=watch)
        watch.connections.append(connection)
        return connection


@define(eq=False)
class WatchedConnection(TransportConnection):
    """Stands before a connection."""

    inner: TransportConnection
    """Held on to even when it is closed: close() itself must let go of everything."""
    watch: TransportWatch
    sends: int = 0
    closes: int = 0
    closed: bool = False
    close_error: str = ""

    @property
    def usable(self) -> bool:
        return self.inner.usable

    async def send(self, request: Request, tape: Tape) -> Response:
        note = WatchedSend(request=request, reused=self.sends > 0)
        self.sends += 1
        self.watch.sends.append(note)
        self.watch.on_send()
        noting = NotingTape(tape, note, self.watch)
        steps = _Watched(self.watch, lambda: self.inner.send(request, noting))
        try:
            response: Response = await steps
            return response
        except BaseException as error:
            note.error = told(error)
            note.passed_on = isinstance(error, asyncio.CancelledError)
            raise
        finally:
            note.cancelled = steps.cancelled
            note.ended = True

    async def close(self) -> None:
        self.closes += 1
        try:
            await _Watched(self.watch, self.inner.close)
            self.closed = True
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.close_error = told(error)
            raise


class NotingTape(Tape):
    """Core's tape, and a note of what it was told."""

    def __init__(self, tape: Tape, note: WatchedSend, watch: TransportWatch) -> None:
        self._tape = tape
        self._note = note
        self._watch = watch

    def now(self) -> int:
        return self._tape.now()

    def sent(self, *, at: int | None = None) -> None:
        self._tape.sent(at=at)

    def read(
        self,
        tokens: int = 0,
        text: str = "",
        *,
        reasoning: str = "",
        size: int = 0,
        at: int | None = None,
    ) -> None:
        self._tape.read(tokens, text, reasoning=reasoning, size=size, at=at)
        self._note.tokens += tokens
        self._note.text += text
        self._note.reasoning += reasoning
        if tokens:
            self._watch.on_token()

    def end(self, *, at: int | None = None) -> None:
        self._tape.end(at=at)
