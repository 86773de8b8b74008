"""A kept-alive connection: bytes out, bytes in, stamps.

A bare asyncio.Protocol with llhttp (httptools) as its parser. All the body bytes that one read of
the socket brings are given to the codec at once and stamped once, so nothing but the codec's own
work is paid per event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import httptools
from attrs import define

from aisbench.base.clock import now_ns
from aisbench.base.errors import DataError
from aisbench.engine.exchange import Exchange
from aisbench.engine.upload import LARGE, Upload, chunks_of
from aisbench.types.response import FaultKind

LINGER_SECONDS = 0.1
"""How long to wait for the end of the HTTP message after the end of the answer: if it comes, the
connection can be used again."""
PROMISE_SECONDS = 2.0
"""The same where the server announced a length. If the connection breaks before all of it came,
the answer was cut off, so it is worth a longer wait."""
PATIENCE = 3
"""After so many answers in a row whose message did not end, no other one is waited for."""


@define(eq=False)
class Manners:
    """What was seen of a server, by all connections to it."""

    patience: int = PATIENCE
    """How many more messages that do not end with their answers are waited for."""


class Connection(asyncio.Protocol):
    """A kept-alive HTTP/1.1 connection that carries one exchange at a time."""

    __slots__ = (
        "_body",
        "_close_delimited",
        "_encoding",
        "_exchange",
        "_finished",
        "_gone",
        "_head",
        "_keep",
        "_linger",
        "_own",
        "_parser",
        "_promised",
        "_surplus",
        "_transport",
        "_upload",
        "lost",
        "manners",
        "on_body",
        "on_idle",
        "used",
    )

    def __init__(self, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self._exchange: Exchange | None = None
        self._body: list[bytes] = []
        self.on_body = self._body.append
        """For the parser. The pieces of a read are collected without calling any Python code."""
        self._parser = httptools.HttpResponseParser(self)
        self._finished = False
        self._keep = False
        self._head = 0
        self._own = 0
        """Pieces of the body when its message was whole."""
        self._surplus = False
        """Bytes came behind the end of the message."""
        self._linger: asyncio.TimerHandle | None = None
        self._close_delimited = True
        self._promised = False
        """The server announced how long its answer is."""
        self._encoding = b""
        self.lost = False
        self.used = 0
        """Exchanges begun on it; more than one means that it was reused."""
        self.on_idle: Callable[[Connection], None] | None = None
        self._transport: asyncio.Transport | None = None
        self._upload: Upload | None = None
        self._gone: asyncio.Future[None] | None = None

    # -- used by the pool

    def send(self, exchange: Exchange, data: bytes) -> None:
        """Begin an exchange."""
        if len(data) >= LARGE:
            self.upload(exchange, chunks_of(data))
            return
        assert self._transport is not None
        self._exchange = exchange
        self._head = 0
        self.used += 1
        if not self._transport.is_closing():
            self._transport.write(data)
        # Otherwise the server is gone, and connection_lost, which fails the exchange, follows.

    def upload(self, exchange: Exchange, pieces: Iterator[bytes | memoryview]) -> None:
        """Begin an exchange with a large request."""
        assert self._transport is not None
        self._exchange = exchange
        self._head = 0
        self.used += 1
        if not self._transport.is_closing():
            self._upload = Upload(exchange, pieces, self._transport, self._not_made)
            self._upload.start()

    def _not_made(self, exchange: Exchange, error: BaseException) -> None:
        self.abort()
        if isinstance(error, DataError):
            exchange.fail(FaultKind.LOCAL, error.message)
        else:
            exchange.break_down(error)

    def abort(self) -> None:
        """Drop the connection with whatever is on it."""
        self.lost = True
        self._exchange = None
        self._let_go()
        if self._upload is not None:
            self._upload.drop()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> asyncio.Future[None]:
        """Close it while it is idle; the future is done when it is gone."""
        self.lost = True
        self._gone = asyncio.get_running_loop().create_future()
        if self._transport is None:
            self._gone.set_result(None)
        else:
            self._transport.abort()
        return self._gone

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not a subclass of asyncio.Transport.
        self._transport = transport  # type: ignore[assignment]

    def pause_writing(self) -> None:
        if self._upload is not None:
            self._upload.pause()

    def resume_writing(self) -> None:
        if self._upload is not None:
            self._upload.resume()

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None:
            self.abort()  # bytes that answer no request
            return
        now = now_ns()
        if exchange.first_byte is None:
            exchange.first_byte = now
        exchange.received += len(data)
        broken: Exception | None = None
        try:
            try:
                self._parser.feed_data(data)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
                if isinstance(error, httptools.HttpParserCallbackError):
                    raise
                broken = error
            if self._body:
                body = self._body
                if self._surplus:
                    del body[self._own :]
                if exchange.done is None and body:
                    self._feed(exchange, body[0] if len(body) == 1 else b"".join(body), now)
                body.clear()
        except Exception as error:  # noqa: BLE001 - a codec's bug fails the exchange
            wrapped = isinstance(error, httptools.HttpParserCallbackError)
            self.abort()
            exchange.break_down(error.__context__ or error if wrapped else error)
            return
        if self._finished:
            if broken is not None or self._surplus:
                self._keep = False  # bytes behind the answer belong to no request
            self._end(exchange, now)
        elif broken is not None:
            self.abort()
            shown = data[:80]
            exchange.fail(FaultKind.PROTOCOL, f"the answer is not HTTP/1.1 ({broken}): {shown!r}")
        elif exchange.received > exchange.bounds.least:
            self._bound(exchange)

    def _feed(self, exchange: Exchange, body: bytes, now: int) -> None:
        """All that one read brought of the body."""
        tokens = exchange.decoder.feed(body)
        if tokens:
            reads = exchange.reads
            if not reads and exchange.on_first_token is not None:
                exchange.on_first_token()
            reads.append(now)
            reads.append(tokens)
            if exchange.first_answer is None and exchange.decoder.answer_begun:
                exchange.first_answer = now
        stream = exchange.stream
        if stream is not None and stream.complete and not exchange.over:
            exchange.done = now
            if not self._finished:
                self._wait_for_end(exchange)

    def _bound(self, exchange: Exchange) -> None:
        """Give up an answer that is larger than the suite allows."""
        stream = exchange.stream if exchange.started else None
        over = exchange.bounds.exceeded(
            exchange.received, exchange.started, 0 if stream is None else stream.pending
        )
        if over and not exchange.over:
            self.abort()
            exchange.fail(FaultKind.PROTOCOL, over)

    def _wait_for_end(self, exchange: Exchange) -> None:
        """The answer is whole, and its HTTP message is not yet."""
        if self._linger is not None:
            return
        wait = LINGER_SECONDS if self.manners.patience else 0
        if self._promised:
            wait = PROMISE_SECONDS
        self._linger = asyncio.get_running_loop().call_later(wait, self._give_up, exchange)

    def _give_up(self, exchange: Exchange) -> None:
        self._linger = None
        self.manners.patience = max(0, self.manners.patience - 1)
        self.abort()
        exchange.finish(now_ns())

    def _let_go(self) -> None:
        if self._linger is not None:
            self._linger.cancel()
            self._linger = None

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        self._let_go()
        if self._upload is not None:
            self._upload.drop()
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        exchange, self._exchange = self._exchange, None
        if exchange is None or exchange.over:
            return
        if exchange.done is not None:
            if not self._promised:
                exchange.finish(exchange.done)
                return
            exchange.done = None  # a part of the announced length is missing
        if exchange.started and self._close_delimited and error is None:
            # Neither a length nor chunks: the end of the connection is the end of the answer.
            exchange.finish(now_ns())
            return
        when = "during" if exchange.started else "before"
        how = f": {error}" if error else ""
        exchange.fail(FaultKind.CUT, f"the connection ended {when} the answer{how}")

    # -- httptools

    def on_message_begin(self) -> None:
        """A head begins; a 100 Continue may have come before it."""
        if self._finished:
            self._surplus = True  # another answer, to no request
            return
        self._close_delimited = True
        self._promised = False
        self._encoding = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the few header fields that matter."""
        exchange = self._exchange
        if exchange is None or exchange.started:
            return  # a trailer, or part of an answer to no request
        length = len(name)
        self._head += length + len(value)
        if self._head > exchange.bounds.head:
            self._bound_head(exchange)
            return
        # Comparing lengths is the quickest way to pass over most fields.
        if length == 12 and name.lower() == b"content-type":
            exchange.content_type = value.decode("latin-1")
        elif length == 11 and name.lower() == b"retry-after":
            exchange.retry_after = value.decode("latin-1")
        elif length == 8 and name.lower() == b"location":
            exchange.location = value.decode("latin-1")
        elif length == 14 and name.lower() == b"content-length":
            self._close_delimited = False
            self._promised = True
        elif length == 17 and name.lower() == b"transfer-encoding":
            self._close_delimited = False
        elif length == 16 and name.lower() == b"content-encoding":
            self._encoding = value

    def on_headers_complete(self) -> None:
        """The head is whole."""
        exchange = self._exchange
        status = self._parser.get_status_code()
        if exchange is None or exchange.started or status < 200:
            return
        exchange.started = True
        exchange.decoder.start(status, exchange.content_type)
        if self._encoding and self._encoding.lower() != b"identity":
            exchange.fail(
                FaultKind.PROTOCOL,
                f"the answer is compressed ({self._encoding.decode('latin-1')}), which nobody "
                "asked for",
            )

    def on_message_complete(self) -> None:
        """An answer, or a 100 Continue, is whole."""
        if self._finished:
            return
        self._finished = self._exchange is not None and self._exchange.started
        self._own = len(self._body)
        # llhttp forgets it once the callback has returned.
        self._keep = self._parser.should_keep_alive()

    def _bound_head(self, exchange: Exchange) -> None:
        self.abort()
        exchange.fail(FaultKind.PROTOCOL, exchange.bounds.head_exceeded)

    def _end(self, exchange: Exchange, now: int) -> None:
        self._exchange = None
        self._finished = self._surplus = False
        if self._upload is not None:
            if self._upload.under_way:  # the server did not wait for the end of the request
                self._upload.drop()
                self._keep = False
            self._upload = None
        if self._linger is not None:
            self._let_go()
            self.manners.patience = PATIENCE
        if self._keep and not self.lost and self.on_idle is not None:
            self.on_idle(self)
        elif self._transport is not None:
            self.lost = True
            self._transport.close()
        exchange.finish(now)
