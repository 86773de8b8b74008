"""A streaming server for calibration: as little work as can be, and a log of what it truly did.

Speaks the chat completions API of OpenAI as far as the calibration asks. Every event is due at an
absolute instant, arrival + ttft + i * tpot, and written by itself; without delays an answer goes
out in one piece, so that the client is the limit.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.connection
import multiprocessing.process
import re
from array import array
from typing import Any

from attrs import define, frozen

from aisbench.base.clock import now_ns
from aisbench.loadgen.agenda import Agenda

_EVENT = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"calibration",'
    b'"choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]}\n\n'
)
_END = (
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"calibration",'
    b'"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}\n\n'
    b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"calibration",'
    b'"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":%d,"total_tokens":%d}}\n\n'
    b"data: [DONE]\n\n"
)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_TICK_NS = 500_000
"""Events are due at multiples of this: many connections are served by one look at the clock."""


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@frozen(kw_only=True)
class Pace:
    """Delays in ns and tokens of each answer."""

    ttft_ns: int
    tpot_ns: int
    tokens: int


@define
class _State:
    """What all connections of a server share."""

    pace: Pace
    agenda: Agenda
    log: array[int]
    waiting: dict[int, list[_ServerConnection]]
    event: bytes
    end: bytes

    def at(self, due: int, connection: _ServerConnection) -> None:
        """Serve the connection at ``due``."""
        slot = -(-due // _TICK_NS) * _TICK_NS
        found = self.waiting.get(slot)
        if found is None:
            found = self.waiting[slot] = []
            self.agenda.add(slot, self._serve)
        found.append(connection)

    def _serve(self, slot: int) -> None:
        for connection in self.waiting.pop(slot):
            connection.next_event()


class _ServerConnection(asyncio.Protocol):
    """One kept-alive connection with at most one answer under way."""

    def __init__(self, state: _State) -> None:
        self._state = state
        self._buffer = b""
        self._arrival = self._first = 0
        self._sent = 0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        need = int(length.group(1)) if length else 0
        if len(rest) < need:
            return
        self._buffer = rest[need:]
        self._answer()

    def _answer(self) -> None:
        pace = self._state.pace
        self._arrival = now_ns()
        self._sent = 0
        if pace.ttft_ns or pace.tpot_ns:
            self._state.at(self._arrival + pace.ttft_ns, self)
            return
        self._first = self._arrival
        self._transport.write(_HEAD + self._state.event * pace.tokens + self._state.end)
        self._log()

    def next_event(self) -> None:
        """Write the event that is due now, and plan the next one."""
        pace = self._state.pace
        if self._transport.is_closing():
            return
        data = self._state.event
        if self._sent == 0:
            self._first = now_ns()
            data = _HEAD + data
        self._sent += 1
        if self._sent == pace.tokens:
            self._transport.write(data + self._state.end)
            self._log()
            return
        self._transport.write(data)
        self._state.at(self._arrival + pace.ttft_ns + self._sent * pace.tpot_ns, self)

    def _log(self) -> None:
        self._state.log.extend((self._arrival, self._first, now_ns()))


@define
class FastServer:
    """A server in a process of its own; enter it, and find its url."""

    pace: Pace
    url: str = ""
    _process: multiprocessing.process.BaseProcess | None = None
    _pipe: multiprocessing.connection.Connection | None = None

    def __enter__(self) -> FastServer:
        context = multiprocessing.get_context("fork")
        self._pipe, child = context.Pipe()
        self._process = context.Process(target=_serve, args=(self.pace, child), daemon=True)
        self._process.start()
        child.close()
        self.url = f"http://127.0.0.1:{self._pipe.recv()}"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.join()

    def log(self) -> list[int]:
        """Of each answer: arrival, first event, last event, in ns, one after the other."""
        assert self._pipe is not None
        self._pipe.send("log")
        found: list[int] = self._pipe.recv()
        return found


def _serve(pace: Pace, pipe: multiprocessing.connection.Connection) -> None:
    import uvloop

    async def main() -> None:
        loop = asyncio.get_running_loop()
        state = _State(
            pace=pace,
            agenda=Agenda(loop),
            log=array("q"),
            waiting={},
            event=_chunk(_EVENT),
            end=_chunk(_END % (pace.tokens, pace.tokens + 8)) + b"0\r\n\r\n",
        )
        server = await loop.create_server(
            lambda: _ServerConnection(state), "127.0.0.1", 0, backlog=8192
        )
        over = loop.create_future()

        def asked() -> None:
            try:
                pipe.recv()
            except EOFError:
                over.set_result(None)  # the parent is gone
            else:
                pipe.send(list(state.log))

        loop.add_reader(pipe.fileno(), asked)
        pipe.send(server.sockets[0].getsockname()[1])
        await over

    uvloop.run(main())
