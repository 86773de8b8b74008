"""What a transport is tried against: servers that are none, and a relay before the author's own
server, which sees what comes and goes and may hold it. They run in a thread of their own, so that
a transport that blocks its loop is seen to block, and is answered all the same."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit

from attrs import define, field

from aisbench_testkit.checks.trial import NotChecked, told

Peer = Callable[[], "AbstractAsyncContextManager[str]"]
"""The author's server: while the context lasts, it answers at the url that it yields."""

GARBAGE = b"\x00\xff\xfe\x80 noise\r\n\r\n" + bytes(range(256)) * 4

_START_SECONDS = 30.0
_END_SECONDS = 5.0
_DROP_BYTES = 24
_DROP_SECONDS = 0.002


class Flow(enum.Enum):
    """What a relay does with the bytes of answers."""

    PASS = "pass"
    DRIP = "drip"
    """A few bytes at a time."""
    HOLD = "hold"


@define(eq=False)
class Ends:
    """How many connections came, and how many of them their client has ended."""

    opened: int = 0
    ended: int = 0

    @property
    def open(self) -> int:
        """Connections that the client still holds."""
        return self.opened - self.ended


@define(eq=False)
class Relay:
    """Passes on what a transport and its server say. Its attributes may be read and set on any
    thread."""

    port: int = 0
    flow: Flow = Flow.PASS
    ends: Ends = field(factory=Ends)
    asked: bytearray = field(factory=bytearray)
    """Everything that clients sent."""

    @contextlib.asynccontextmanager
    async def before(self, host: str, port: int) -> AsyncIterator[None]:
        """Serve on a free port, and pass on to another one."""
        tasks: set[asyncio.Task[Any]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            self.ends.opened += 1
            try:
                with contextlib.suppress(asyncio.CancelledError):  # a log would be all it gives
                    await self._carry(reader, writer, host, port)
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            await _ended(tasks)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int
    ) -> None:
        there = None
        try:
            there, behind = await asyncio.open_connection(host, port)
            answers = asyncio.ensure_future(self._answers(there, writer))
            try:
                await self._questions(reader, behind)
                await asyncio.wait({answers}, timeout=_END_SECONDS)
            finally:
                answers.cancel()
                behind.close()
        except OSError:
            if there is None:  # the server is not there: its client is to see the same
                writer.transport.abort()
                self.ends.ended += 1

    async def _questions(self, reader: asyncio.StreamReader, behind: asyncio.StreamWriter) -> None:
        """Until the client ends its half, which it does at the latest when it closes."""
        try:
            while data := await reader.read(65536):
                self.asked += data
                behind.write(data)
                await behind.drain()
        except OSError:
            pass  # reset, or the server is gone: what is left to see is the client's end
        with contextlib.suppress(OSError):
            while await reader.read(65536):
                pass
        self.ends.ended += 1
        with contextlib.suppress(OSError):
            behind.write_eof()

    async def _answers(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await there.read(65536):
                await self._pass(data, writer)
            while self.flow is Flow.HOLD:
                await asyncio.sleep(_DROP_SECONDS)
            writer.write_eof()

    async def _pass(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        place = 0
        while place < len(data):
            while self.flow is Flow.HOLD:
                await asyncio.sleep(_DROP_SECONDS)
            end = place + _DROP_BYTES if self.flow is Flow.DRIP else len(data)
            writer.write(data[place:end])
            await writer.drain()
            if self.flow is Flow.DRIP:
                await asyncio.sleep(_DROP_SECONDS)
            place = end


@define(eq=False)
class NoServer:
    """Takes connections and is no server: it sends ``says``, and ends if it is to."""

    says: bytes = b""
    closes: bool = False
    watched: bool = True
    """Whether its clients must end their connections at once when they are given up."""
    port: int = 0
    ends: Ends = field(factory=Ends)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[NoServer]:
        """On a free port."""
        tasks: set[asyncio.Task[Any]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            self.ends.opened += 1
            try:
                with contextlib.suppress(OSError):
                    writer.write(self.says)
                    if self.closes:
                        writer.write_eof()
                with contextlib.suppress(OSError):
                    while await reader.read(65536):
                        pass
                self.ends.ended += 1
            except asyncio.CancelledError:
                pass  # a log would be all it gives
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await _ended(tasks)


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    """Cancel what a server still does."""
    there = set(tasks)
    for task in there:
        task.cancel()
    if there:
        await asyncio.wait(there, timeout=_END_SECONDS)


@contextlib.asynccontextmanager
async def relayed(peer: Peer) -> AsyncIterator[tuple[str, Relay]]:
    """The author's server behind a relay: the relay's url. Raises NotChecked for a url that the
    relay cannot stand before."""
    async with peer() as url:
        parts = urlsplit(str(url))
        if not parts.hostname or parts.port is None:
            raise NotChecked(
                f"the peer's url {url!r} names no host and port",
                give="a peer that listens on a port of this machine, without TLS",
            )
        relay = Relay()
        async with relay.before(parts.hostname, parts.port):
            yield parts._replace(netloc=f"127.0.0.1:{relay.port}").geturl(), relay


class PeerFailed(Exception):
    """The author's own server cannot be started."""


@contextlib.contextmanager
def elsewhere(make: Callable[[], AbstractAsyncContextManager[Any]]) -> Iterator[Any]:
    """What ``make()`` yields, on the event loop of another thread. Raises PeerFailed, and
    NotChecked where it does."""
    loop = asyncio.new_event_loop()
    ready, over = threading.Event(), asyncio.Event()
    found: dict[str, Any] = {}

    async def main() -> None:
        try:
            async with make() as value:
                found["value"] = value
                ready.set()
                await over.wait()
        except BaseException as error:  # noqa: BLE001 - told on the thread that waits
            found["error"] = error
        finally:
            ready.set()

    def run() -> None:
        try:
            loop.run_until_complete(main())
            loop.set_exception_handler(lambda *_: None)  # what the end breaks off is no news
            loop.run_until_complete(_ended(asyncio.all_tasks(loop)))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(asyncio.sleep(0))  # what was closed lets go of its socket
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="aisbench-testkit-peer", daemon=True)
    thread.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise PeerFailed(f"the peer is not ready within {_START_SECONDS:g} s")
        if "value" not in found:
            error = found.get("error")
            if isinstance(error, NotChecked):
                raise error
            raise PeerFailed(f"the peer raises {told(error)}" if error else "the peer yields none")
        yield found["value"]
    finally:
        with contextlib.suppress(RuntimeError):  # it is closed already
            loop.call_soon_threadsafe(over.set)
        thread.join(_START_SECONDS)
