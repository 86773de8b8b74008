"""A large request on its way to the kernel.

It is handed over in pieces, as the kernel takes them: nothing of it lies in the transport's buffer
for long, other sockets are read in between, and the instant at which the last byte was taken is
known. A small request is written in one go, and is not dealt with here.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Iterator

from aisbench.base.clock import now_ns
from aisbench.engine.exchange import Exchange

LARGE = 256 * 1024
"""Bytes from which on a request is uploaded."""
CHUNK = 256 * 1024
UNSENT = 128 * 1024
"""Bytes that the kernel may keep back, where it can be told so: else its buffers, of megabytes,
would hide how long a request is under way."""


class Upload:
    """Writes ``pieces`` to a transport; ``failed`` is told what making a piece raised."""

    __slots__ = ("_begun", "_exchange", "_failed", "_loop", "_paused", "_pieces", "_transport")

    def __init__(
        self,
        exchange: Exchange,
        pieces: Iterator[bytes | memoryview],
        transport: asyncio.Transport,
        failed: Callable[[Exchange, BaseException], None],
    ) -> None:
        self._exchange = exchange
        self._pieces: Iterator[bytes | memoryview] | None = pieces
        self._transport = transport
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._paused = False
        self._begun = 0

    @property
    def under_way(self) -> bool:
        """Whether there are bytes that the kernel has not taken."""
        return self._pieces is not None

    def start(self) -> None:
        """Hand over the first pieces."""
        self._begun = now_ns()
        # Paused as long as the buffer holds anything. With a limit of 0, transports over TLS
        # would pause while it is empty, and never go on.
        self._transport.set_write_buffer_limits(high=1, low=0)
        _bound_unsent(self._transport)
        self._go_on()

    def pause(self) -> None:
        """The kernel takes no more for now."""
        self._paused = True

    def resume(self) -> None:
        """The kernel has taken all that was written."""
        self._paused = False
        if self.under_way:
            # Not here: a transport may be in the middle of its own work.
            self._loop.call_soon(self._go_on)

    def drop(self) -> None:
        """Write no more."""
        self._pieces = None

    def _go_on(self) -> None:
        if self._pieces is None or self._paused:
            return
        try:
            piece = next(self._pieces, None)
        except Exception as error:  # noqa: BLE001 - a file that is gone fails one request
            self.drop()
            self._failed(self._exchange, error)
            return
        if piece is None:
            self._end()
            return
        self._transport.write(piece)
        if not self._paused:
            self._loop.call_soon(self._go_on)  # other sockets are looked at in between

    def _end(self) -> None:
        self.drop()
        self._transport.set_write_buffer_limits()
        exchange = self._exchange
        if exchange.first_byte is None:
            exchange.sent = now_ns()
            exchange.upload = exchange.sent - self._begun


def _bound_unsent(transport: asyncio.Transport) -> None:
    """TCP_NOTSENT_LOWAT (Linux 3.12), whose number Python names from 3.12 on."""
    if sys.platform == "linux":
        own = transport.get_extra_info("socket")
        with contextlib.suppress(OSError, AttributeError):
            own.setsockopt(socket.IPPROTO_TCP, 25, UNSENT)


def chunks_of(data: bytes) -> Iterator[memoryview]:
    """Bytes in pieces, without copies."""
    view = memoryview(data)
    for at in range(0, len(data), CHUNK):
        yield view[at : at + CHUNK]
