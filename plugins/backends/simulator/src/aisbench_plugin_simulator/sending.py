"""Puts an answer on the connection at its times, or breaks the connection."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from aiohttp import HttpVersion11, web

from aisbench_plugin_simulator.journal import Record
from aisbench_plugin_simulator.schedule import Schedule

JSON = "application/json"


class SentEvent(Protocol):
    """One event: of one answer, or of one of several choices."""

    @property
    def text(self) -> str: ...

    @property
    def tokens(self) -> int:
        """Made by the answer or choice, these included."""

    @property
    def sent(self) -> int:
        """Of all choices, these included."""


class EventSource(Protocol):
    """The events of a stream, encoded when they are due."""

    content_type: str

    @property
    def events(self) -> Sequence[SentEvent]: ...

    def encode(self, numbers: Iterable[int]) -> bytes:
        """The bytes of the events with these numbers."""


async def send_stream(
    request: web.Request, script: EventSource, schedule: Schedule, record: Record
) -> web.StreamResponse:
    """Send the events of ``script``; those that are due together go in one write."""
    reset = record.outcome == "reset"
    # HTTP/1.0 has no chunks; the other way below then ends with the connection.
    if schedule.instant and not reset and request.version >= HttpVersion11:
        data = script.encode(range(len(script.events)))
        whole = web.Response(body=data, headers={"Content-Type": script.content_type})
        whole.enable_chunked_encoding()
        await whole.prepare(request)
        await whole.write_eof()
        _stamp(record, script.events[-1])
        return whole
    response = web.StreamResponse(headers={"Content-Type": script.content_type})
    await response.prepare(request)
    start = record.arrival_ns / 1e9
    events = script.events
    at = 0
    while at < len(events):
        wait = start + schedule.due(max(0, events[at].tokens - 1)) - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        end = at + 1
        since = time.monotonic() - start
        while end < len(events) and schedule.due(events[end].tokens - 1) <= since:
            end += 1
        await response.write(script.encode(range(at, end)))
        _stamp(record, events[end - 1])
        at = end
    if reset:
        return abort(request, response)
    await response.write_eof()
    return response


async def send_whole(
    request: web.Request,
    body: bytes,
    tokens: int,
    schedule: Schedule,
    record: Record,
    content_type: str = JSON,
) -> web.StreamResponse:
    """Send ``body`` when its last token is due: as much of it as the outcome allows."""
    due = record.arrival_ns / 1e9 + schedule.due(max(0, tokens - 1))
    wait = due - time.monotonic()
    if wait > 0:
        await asyncio.sleep(wait)
    if record.outcome == "malformed":
        body = body[: len(body) // 2]
    elif record.outcome == "truncate":
        return await _cut(request, body)
    elif record.outcome != "error-in-stream":
        record.tokens = tokens
    return web.Response(body=body, content_type=content_type)


async def _cut(request: web.Request, body: bytes) -> web.StreamResponse:
    """Half of the body that the headers promise, then the end of the connection."""
    response = web.StreamResponse(headers={"Content-Type": JSON})
    response.content_length = len(body)
    response.force_close()
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    return response


def abort(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Reset the connection (TCP RST): the bytes sent so far may or may not reach the client."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        # Closing a socket that lingers for 0 s sends a reset in place of an orderly end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    # aiohttp wants a response; the closed connection swallows it.
    return response or web.Response()


def _stamp(record: Record, event: SentEvent) -> None:
    record.tokens = event.sent
    if not event.text:
        return
    record.last_token_ns = time.monotonic_ns()
    if record.first_token_ns is None:
        record.first_token_ns = record.last_token_ns
