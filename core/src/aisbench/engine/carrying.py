"""Carrying one exchange with a transport of a plugin's own: its code is run, watched, given up and
cleaned up after, and what it raises becomes the fault of its request."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from attrs import define, field

from aisbench.base.clock import now_ns
from aisbench.contract.transports import TransportConnection
from aisbench.engine.exchange import Exchange
from aisbench.engine.held import HeldLoop, LoopGuard
from aisbench.engine.tape import ExchangeTape, OwnAnswer
from aisbench.types.response import Fault, FaultKind
from aisbench.types.transport import TransportError

BROKEN = (Exception, HeldLoop, SystemExit)
"""What code of a transport may raise of itself; none of it ends a run."""

CLOSE_SECONDS = 2.0
"""How long a connection may take to close; then it is left to itself."""


def fault_of(error: BaseException, *, connecting: bool = False) -> Fault | None:
    """The fault that an exception of a transport means; None for a bug of it."""
    if isinstance(error, TransportError):
        return Fault(kind=error.kind, message=error.message, status=error.status, body=error.body)
    if isinstance(error, ssl.SSLError):
        return Fault(kind=FaultKind.TLS, message=f"the certificate or handshake failed: {error}")
    if isinstance(error, (OSError, EOFError)):
        what = getattr(error, "strerror", None) or error
        if connecting:
            return Fault(kind=FaultKind.CONNECT, message=f"cannot connect: {what}")
        return Fault(kind=FaultKind.CUT, message=f"the connection broke: {what}")
    return None


def fail(exchange: Exchange, error: BaseException, *, connecting: bool = False) -> None:
    """End an exchange by what its transport raised, unless it is over."""
    fault = fault_of(error, connecting=connecting)
    if fault is None:
        exchange.break_down(error)
    elif not exchange.over:
        if isinstance(error, TransportError) and error.retry_after is not None:
            exchange.retry_after = str(math.ceil(max(0.0, error.retry_after)))
        if exchange.done is None:
            exchange.fault = fault
        exchange.finish(now_ns())


@define(eq=False)
class Carriage:
    """One exchange on one connection, under way. ``kept`` is called with a connection that can be
    used again."""

    exchange: Exchange
    answer: OwnAnswer
    connection: TransportConnection
    guard: LoopGuard
    kept: Callable[[TransportConnection], None]
    _task: asyncio.Task[None] | None = field(init=False, default=None)

    def start(self, dispatched: int) -> asyncio.Task[None]:
        """Begin to send; ``dispatched`` is the exchange's first instant, in ns."""
        self._task = self.guard.keep(
            asyncio.get_running_loop().create_task(self._carry(dispatched))
        )
        return self._task

    def abort(self) -> None:
        """Give it up: the transport is cancelled, and its connection closed."""
        if self._task is not None:
            self._task.cancel()

    async def _carry(self, dispatched: int) -> None:
        exchange, connection = self.exchange, self.connection
        exchange.started = True  # what was told of the answer is kept
        tape = ExchangeTape(exchange, self.answer, dispatched)
        whole = False
        try:
            tape.take(await self.guard.run(lambda: connection.send(self.answer.request, tape)))
            whole = exchange.fault is None and exchange.bug is None and _usable(connection)
        except asyncio.CancelledError as error:
            if not exchange.over:
                # Nobody gave it up: a scope inside of the transport was cancelled.
                exchange.break_down(_cancelled_itself(error))
        except BROKEN as error:
            fail(exchange, error)
        finally:
            if whole:
                self.kept(connection)
            else:
                await closed(connection, self.guard)


def _usable(connection: TransportConnection) -> bool:
    try:
        return bool(connection.usable)
    except Exception:  # noqa: BLE001 - such a connection is closed
        return False


def _cancelled_itself(error: BaseException) -> BaseException:
    made = RuntimeError("send() was cancelled, though core did not give the request up")
    return made.with_traceback(error.__traceback__)


async def closed(connection: TransportConnection, guard: LoopGuard) -> None:
    """Close a connection, as far as it lets itself be closed in time."""
    task = guard.keep(asyncio.get_running_loop().create_task(guard.run(connection.close)))
    try:
        # Whatever it raises is of no interest any more.
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
    finally:
        task.cancel()


async def within(work: Callable[[], Awaitable[Any]], guard: LoopGuard, seconds: float) -> Any:
    """What ``work`` gives. Raises what it raises, and asyncio.TimeoutError at the time-out, even
    if it does not let itself be cancelled."""
    task = guard.keep(asyncio.get_running_loop().create_task(guard.run(work)))
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
    if not task.done():
        raise asyncio.TimeoutError
    return task.result()
