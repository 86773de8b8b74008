"""Connections of transports of a plugin's own to one server, kept between requests."""

from __future__ import annotations

import asyncio
import contextlib

from aisbench.contract.transports import TransportBackend, TransportConnection
from aisbench.engine.carrying import closed, fault_of, within
from aisbench.engine.held import LoopGuard
from aisbench.types.response import Fault, FaultKind
from aisbench.types.transport import TransportAddress

_MEMBERS = ("send", "close", "usable")
"""What a connection must have."""


class OwnPool:
    """Gives out idle connections, the latest used first, and opens new ones when none is idle."""

    def __init__(
        self,
        transport: TransportBackend,
        address: TransportAddress,
        timeout: float,
        guard: LoopGuard,
    ) -> None:
        self._transport = transport
        self._address = address
        self._timeout = timeout
        self._guard = guard
        self._idle: list[TransportConnection] = []
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def idle(self) -> int:
        """Open connections that carry no request; some may have been lost without notice."""
        return len(self._idle)

    def take(self) -> TransportConnection | None:
        """An idle connection, or None. Those that were lost meanwhile are closed."""
        while self._idle:
            connection = self._idle.pop()
            with contextlib.suppress(Exception):
                if connection.usable:
                    return connection
            task = asyncio.get_running_loop().create_task(closed(connection, self._guard))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        return None

    def keep(self, connection: TransportConnection) -> None:
        """Put a connection among the idle ones."""
        self._idle.append(connection)

    async def connect(self) -> TransportConnection:
        """A new connection. Raises whatever the transport raises, asyncio.TimeoutError after
        ``timeout.connect``."""
        connection: TransportConnection = await within(
            lambda: self._transport.connect(self._address), self._guard, self._timeout
        )
        # hasattr() of an instance would call properties.
        lacking = [
            name
            for name in _MEMBERS
            if not hasattr(type(connection), name)
            and name not in getattr(connection, "__dict__", ())
        ]
        if lacking:
            what = type(connection).__name__
            raise TypeError(f"connect() gave {what}, which has no {' and no '.join(lacking)}")
        return connection

    def explain(self, error: BaseException) -> Fault | None:
        """What an exception of :meth:`connect` means; None for a bug of the transport."""
        if isinstance(error, asyncio.TimeoutError):
            return Fault(
                kind=FaultKind.CONNECT,
                message=f"no connection within {self._timeout:g} s (timeout.connect)",
            )
        return fault_of(error, connecting=True)

    async def close(self) -> None:
        """Close the idle connections."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(closed(one, self._guard) for one in idle), *self._closing)
