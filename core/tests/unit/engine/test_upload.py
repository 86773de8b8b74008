"""Large requests: when they were sent, and what else is read meanwhile."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from aisbench.base.clock import now_ns
from aisbench.base.errors import DataError
from aisbench.engine.body import BodyDecoder
from aisbench.engine.connection import Connection
from aisbench.engine.exchange import Exchange
from aisbench.engine.pieces import PiecedRequest
from aisbench.media.chunks import CHUNK, FileInBase64
from aisbench.types.http import HttpRequest
from aisbench.types.response import FaultKind

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SIZE = 10_000_000

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def carried(
    serve: Serve, send: Callable[[Connection, Exchange], None]
) -> tuple[Exchange, Connection]:
    """What became of one exchange with a server."""
    gone = asyncio.Event()

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.transport.abort()
            gone.set()

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0, limit=2**16)
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, *server.sockets[0].getsockname()[:2])
    ended = loop.create_future()
    exchange = Exchange(BodyDecoder(), lambda one: ended.set_result(None))
    exchange.sent = now_ns()
    send(connection, exchange)
    await asyncio.wait_for(ended, 20)
    if not connection.lost:
        await connection.close()
    await gone.wait()
    server.close()
    await asyncio.sleep(0.01)
    return exchange, connection


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that takes 10 MB in some 0.4 s."""
    left = SIZE
    while left > 0:
        left -= len(await reader.readexactly(min(left, 1_000_000)))
        await asyncio.sleep(0.04)
    writer.write(ANSWER)
    await writer.drain()


async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that answers before it has read the request."""
    await reader.readexactly(1000)
    writer.write(ANSWER)
    await writer.drain()
    await asyncio.sleep(0.2)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_sent_is_when_the_kernel_took_the_last_byte(run: Callable[[Any], Any]) -> None:
    begun = now_ns()
    exchange, _ = run(carried(slow, lambda one, it: one.send(it, bytes(SIZE))))
    assert exchange.sent is not None and exchange.first_byte is not None
    assert exchange.fault is None
    assert 0.1e9 < exchange.upload < exchange.first_byte - begun
    # What lies in the socket's buffers is the kernel's.
    assert exchange.sent <= exchange.first_byte
    assert exchange.sent - exchange.upload - begun < 0.1e9


def test_an_answer_before_the_end_of_the_request_ends_it() -> None:
    exchange, connection = asyncio.run(carried(hasty, lambda one, it: one.send(it, bytes(SIZE))))
    assert exchange.fault is None
    assert exchange.upload == 0  # the end of it was never handed over
    assert exchange.sent is not None and exchange.first_byte is not None
    assert exchange.sent < exchange.first_byte
    assert connection.lost  # the rest of the request would stand before the next one


def test_a_file_goes_in_pieces_in_base64(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000 + b"odd"
    file = tmp_path / "film"
    file.write_bytes(content)
    got = bytearray()

    async def keeps(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        got.extend(await reader.readexactly(int(head.split()[-1])))
        writer.write(ANSWER)
        await writer.drain()

    wire = PiecedRequest(
        request=HttpRequest(method="POST", path="/"),
        pieces=(b'{"a":"', FileInBase64(str(file), len(content)), b'"}'),
    )
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % wire.length
    asyncio.run(carried(keeps, lambda one, it: one.upload(it, wire.chunks(head))))
    assert bytes(got) == b'{"a":"' + base64.b64encode(content) + b'"}'


def test_a_file_that_was_cut_fails_its_request_alone(tmp_path: Path) -> None:
    file = tmp_path / "film"
    file.write_bytes(bytes(CHUNK))
    pieces = FileInBase64(str(file), 3 * CHUNK)
    with pytest.raises(DataError, match="cut short"):
        list(pieces.chunks())
    exchange, _ = asyncio.run(carried(hasty, lambda one, it: one.upload(it, pieces.chunks())))
    if exchange.fault is not None:  # unless the server had answered already
        assert exchange.fault.kind is FaultKind.LOCAL


def test_other_sockets_are_read_while_a_large_request_is_made(tmp_path: Path) -> None:
    file = tmp_path / "film"
    file.write_bytes(bytes(30_000_000))
    longest = 0.0

    async def sink(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got = 0
        while got < 40_000_000:
            got += len(await reader.read(2**20))
        writer.write(ANSWER)
        await writer.drain()

    async def watch() -> None:
        nonlocal longest
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - begun)

    async def both() -> None:
        watching = asyncio.ensure_future(watch())
        pieces = FileInBase64(str(file), 30_000_000)
        await carried(sink, lambda one, it: one.upload(it, pieces.chunks()))
        watching.cancel()

    asyncio.run(both())
    assert longest < 0.1
