"""Open connections to one server, kept between requests."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import urllib.parse
from collections.abc import Sequence

from aisbench.engine.connection import Connection, Manners
from aisbench.engine.proxy import Proxy, open_tunnel
from aisbench.types.response import FaultKind


class ConnectionPool:
    """Gives out idle connections, the latest used first, and opens new ones when none is idle.

    How many are open is bounded by the requests in flight. ``sources`` are addresses of this
    host to connect from, in turn: each has its own range of ports.
    """

    def __init__(
        self,
        url: str,
        context: ssl.SSLContext | None,
        proxy: Proxy | None,
        timeout: float,
        sources: Sequence[str] = (),
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        self._host = parts.hostname or ""
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._context = context if self._secure else None
        self._proxy = proxy
        self._timeout = timeout
        self._idle: list[Connection] = []
        self._manners = Manners()
        self._sources = itertools.cycle(sources) if sources else None

    @property
    def absolute_target(self) -> bool:
        """Whether requests name the whole url, as a proxy for plain http needs it."""
        return self._proxy is not None and not self._secure

    @property
    def proxy_authorization(self) -> str:
        """What requests must carry for the proxy; through a tunnel only CONNECT carries it."""
        return self._proxy.authorization if self._proxy and not self._secure else ""

    def take(self) -> Connection | None:
        """An idle connection, or None."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.lost:
                return connection
        return None

    async def connect(self) -> Connection:
        """A new connection. Raises OSError (ssl.SSLError among them) or asyncio.TimeoutError."""
        connection = await asyncio.wait_for(self._open(), self._timeout)
        connection.on_idle = self._idle.append
        return connection

    async def _open(self) -> Connection:
        loop = asyncio.get_running_loop()
        if self._proxy is not None:
            if self._context is not None:
                return await open_tunnel(
                    self._proxy, self._host, self._port, self._context, self._make
                )
            _, connection = await loop.create_connection(
                self._make, self._proxy.host, self._proxy.port
            )
            return connection
        local = (next(self._sources), 0) if self._sources is not None else None
        _, connection = await loop.create_connection(
            self._make, self._host, self._port, ssl=self._context, local_addr=local
        )
        return connection

    def _make(self) -> Connection:
        return Connection(self._manners)

    def explain(self, error: BaseException) -> tuple[FaultKind, str]:
        """What an exception of :meth:`connect` means."""
        if isinstance(error, asyncio.TimeoutError):
            return (
                FaultKind.CONNECT,
                f"no connection within {self._timeout:g} s (timeout.connect)",
            )
        if isinstance(error, ssl.SSLError):
            return FaultKind.TLS, f"the certificate or handshake failed: {error}"
        what = getattr(error, "strerror", None) or error
        return FaultKind.CONNECT, f"cannot connect: {what}"

    @property
    def idle(self) -> int:
        """Open connections that carry no exchange; some may have been lost without notice."""
        return len(self._idle)

    def keep(self, connection: Connection) -> None:
        """Put a connection that was opened ahead among the idle ones."""
        self._idle.append(connection)

    async def close(self) -> None:
        """Close the idle connections, and wait until the loop has let go of them."""
        gone = [connection.close() for connection in self._idle if not connection.lost]
        self._idle.clear()
        if gone:
            await asyncio.wait(gone, timeout=1)
