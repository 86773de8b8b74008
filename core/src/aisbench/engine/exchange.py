"""One request on one connection: bytes out, bytes in, stamps.

A bare asyncio.Protocol with llhttp (httptools) as its parser. All the body bytes that one read of
the socket brings are given to the codec at once and stamped once, so nothing but the codec's own
work is paid per event.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable

import httptools

from aisbench.clock import now_ns
from aisbench.contract import Decoder
from aisbench.types.response import Fault, FaultKind


class Exchange:
    """The state of one attempt. ``on_end`` is called once, when the answer is whole or never
    will be; inside a read of the socket, so it must be quick.

    ``reads`` holds two numbers for each read that brought output tokens: its instant, and how
    many events with tokens it held.
    """

    __slots__ = (
        "bug",
        "content_type",
        "decoder",
        "done",
        "fault",
        "first_answer",
        "first_byte",
        "on_end",
        "on_first_token",
        "over",
        "reads",
        "retry_after",
        "started",
    )

    def __init__(self, decoder: Decoder, on_end: Callable[[Exchange], None]) -> None:
        self.decoder = decoder
        self.on_end = on_end
        self.over = False
        self.bug: BaseException | None = None
        """What a broken codec raised."""
        self.fault: Fault | None = None
        self.started = False
        self.first_byte: int | None = None
        self.reads = array("q")
        self.first_answer: int | None = None
        """The first token that is not reasoning, where the codec tells them apart."""
        self.done: int | None = None
        """When the answer's last byte was read, or it failed: not when somebody noticed."""
        self.retry_after: str | None = None
        self.content_type = ""
        self.on_first_token: Callable[[], None] | None = None

    @property
    def first_token(self) -> int | None:
        """When the first output token was read."""
        return self.reads[0] if self.reads else None

    @property
    def last_token(self) -> int | None:
        """When the last output token was read."""
        return self.reads[-2] if self.reads else None

    def fail(self, kind: FaultKind, message: str) -> None:
        """End with a fault, unless it has ended."""
        if not self.over:
            self.fault = Fault(kind=kind, message=message)
            self.finish(now_ns())

    def break_down(self, error: BaseException) -> None:
        """End with a codec's bug, unless it has ended."""
        if not self.over:
            self.bug = error
            self.finish(now_ns())

    def finish(self, now: int) -> None:
        """End as it is, unless it has ended."""
        if not self.over:
            self.over = True
            self.done = now
            self.on_end(self)


class Connection(asyncio.Protocol):
    """A kept-alive HTTP/1.1 connection that carries one exchange at a time."""

    __slots__ = (
        "_body",
        "_close_delimited",
        "_encoding",
        "_exchange",
        "_finished",
        "_gone",
        "_keep",
        "_parser",
        "_transport",
        "lost",
        "on_body",
        "on_idle",
        "used",
    )

    def __init__(self) -> None:
        self._exchange: Exchange | None = None
        self._body: list[bytes] = []
        self.on_body = self._body.append
        """For the parser: collected until the read is parsed, without a call of Python's own."""
        self._parser = httptools.HttpResponseParser(self)
        self._finished = False
        self._keep = False
        self._close_delimited = True
        self._encoding = b""
        self.lost = False
        self.used = 0
        """Exchanges begun on it; more than one means that it was reused."""
        self.on_idle: Callable[[Connection], None] | None = None
        self._transport: asyncio.Transport | None = None
        self._gone: asyncio.Future[None] | None = None

    # -- used by the pool

    def send(self, exchange: Exchange, data: bytes) -> None:
        """Begin an exchange."""
        assert self._transport is not None
        self._exchange = exchange
        self._close_delimited = True
        self._encoding = b""
        self.used += 1
        self._transport.write(data)

    def abort(self) -> None:
        """Drop the connection with whatever is on it."""
        self.lost = True
        self._exchange = None
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
        # uvloop's transports are no subclass of asyncio.Transport.
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None:
            self.abort()  # nobody asked for anything
            return
        now = now_ns()
        if exchange.first_byte is None:
            exchange.first_byte = now
        try:
            self._parser.feed_data(data)
            if self._body:
                body = self._body
                tokens = exchange.decoder.feed(body[0] if len(body) == 1 else b"".join(body))
                body.clear()
                if tokens:
                    reads = exchange.reads
                    if not reads and exchange.on_first_token is not None:
                        exchange.on_first_token()
                    reads.append(now)
                    reads.append(tokens)
                    if exchange.first_answer is None and exchange.decoder.answer_begun:
                        exchange.first_answer = now
        except httptools.HttpParserCallbackError as error:
            # A bug of the codec, which the parser wraps.
            self._raise(exchange, error.__context__ or error)
            return
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.abort()
            shown = data[:80]
            exchange.fail(FaultKind.PROTOCOL, f"the answer is not HTTP/1.1 ({error}): {shown!r}")
            return
        except Exception as error:  # noqa: BLE001 - a codec's bug must reach who awaits the answer
            self._raise(exchange, error)
            return
        if self._finished:
            self._end(exchange, now)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        exchange, self._exchange = self._exchange, None
        if exchange is None or exchange.over:
            return
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
        self._finished = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the few headers that matter."""
        exchange = self._exchange
        if exchange is None:
            return
        length = len(name)
        # The length decides quickly that most headers are of no interest.
        if length == 12 and name.lower() == b"content-type":
            exchange.content_type = value.decode("latin-1")
        elif length == 11 and name.lower() == b"retry-after":
            exchange.retry_after = value.decode("latin-1")
        elif (length == 14 and name.lower() == b"content-length") or (
            length == 17 and name.lower() == b"transfer-encoding"
        ):
            self._close_delimited = False
        elif length == 16 and name.lower() == b"content-encoding":
            self._encoding = value

    def on_headers_complete(self) -> None:
        """The head is whole."""
        exchange = self._exchange
        status = self._parser.get_status_code()
        if exchange is None or status < 200:
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
        self._finished = self._exchange is not None and self._exchange.started
        # llhttp forgets it once the callback has returned.
        self._keep = self._parser.should_keep_alive()

    def _raise(self, exchange: Exchange, error: BaseException) -> None:
        self.abort()
        exchange.break_down(error)

    def _end(self, exchange: Exchange, now: int) -> None:
        self._exchange = None
        self._finished = False
        if self._keep and not self.lost and self.on_idle is not None:
            self.on_idle(self)
        elif self._transport is not None:
            self.lost = True
            self._transport.close()
        exchange.finish(now)
