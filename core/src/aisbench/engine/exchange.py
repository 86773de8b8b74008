"""One request on one connection: bytes out, bytes in, stamps.

A bare asyncio.Protocol with llhttp (httptools) as its parser. All the body bytes that one read of
the socket brings are given to the codec at once and stamped once, so nothing but the codec's own
work is paid per event.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from typing import TypeGuard

import attrs
import httptools
from attrs import define

from aisbench.base.clock import now_ns
from aisbench.contract.decoders import Decoder, StreamDecoder
from aisbench.engine.bounds import BOUNDS, AnswerBounds
from aisbench.engine.bugs import Bugs, sound
from aisbench.types.response import Fault, FaultKind, Response

LINGER_SECONDS = 0.1
"""How long the end of the HTTP message is waited for after the end of the answer: the connection
can be used again if it comes."""
PROMISE_SECONDS = 2.0
"""The same where the server told a length: what is missing of it when the connection breaks was
cut off, so the end of either is waited for longer."""
DROP_NS = 5_000_000_000
"""That the server had dropped an idle connection shows at most so long after sending, on a slow
path and a busy machine too."""
PATIENCE = 3
"""After so many answers in a row whose message did not end, no other one is waited for."""


class Exchange:
    """The state of one attempt. ``on_end`` is called once, when the answer is whole or never
    will be; inside a read of the socket, so it must be quick.

    An answer is whole when its HTTP message is, or when its protocol says so: servers and
    gateways exist that leave the message open behind ``[DONE]``.

    ``reads`` holds two numbers for each read that brought output tokens: its instant, and how
    many events with tokens it held.
    """

    __slots__ = (
        "bounds",
        "bug",
        "content_type",
        "decoder",
        "done",
        "fault",
        "first_answer",
        "first_byte",
        "location",
        "on_end",
        "on_first_token",
        "over",
        "reads",
        "received",
        "retry_after",
        "started",
        "stream",
    )

    def __init__(
        self, decoder: Decoder, on_end: Callable[[Exchange], None], bounds: AnswerBounds = BOUNDS
    ) -> None:
        self.decoder = decoder
        self.stream: StreamDecoder | None = decoder if _tells_ends(decoder) else None
        """The decoder, if it tells the end of its protocol's streams."""
        self.bounds = bounds
        self.received = 0
        """Bytes of the answer so far, its head included."""
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
        """When the end of the answer was read, or it failed: not when somebody noticed. Set
        before the exchange is over while the end of its HTTP message is waited for."""
        self.retry_after: str | None = None
        self.location: str | None = None
        """Where a redirect points."""
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
        """End with a fault, unless it has ended, or its answer has."""
        if not self.over:
            if self.done is None:
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
            if self.done is None:
                self.done = now
            self.on_end(self)

    def never_taken(self, sent: int) -> bool:
        """Whether the server had dropped the idle connection before it could read the request
        that was ``sent`` (ns): that is no answer to anything, and it is sent again on another.

        Drops show at once. A server that worked on a request for longer, and then fell silent,
        has failed it; and once a byte of an answer came, nothing is ever sent twice.
        """
        return (
            self.fault is not None
            and self.fault.kind is FaultKind.CUT
            and self.first_byte is None
            and self.done is not None
            and self.done - sent < DROP_NS
        )

    def outcome(self, bugs: Bugs) -> Response:
        """What came, with the fault if there is one. Call it once, when the exchange is over.

        A server's own words about what went wrong come before what the engine saw of it.
        """
        response = Response()
        if self.started:
            try:
                response = sound(self.decoder.finish())
            except Exception as error:  # noqa: BLE001 - one odd answer must not end a run
                self.bug = self.bug or error
        fault = self.fault if self.bug is None else bugs.fault(self.bug)
        if response.fault is not None and response.fault.kind is FaultKind.SERVER:
            fault = response.fault
        if fault is None:
            return _directed(response, self.location)
        return attrs.evolve(response, finish_reason=None, fault=fault)


def _tells_ends(decoder: Decoder) -> TypeGuard[StreamDecoder]:
    # isinstance() of a Protocol takes several times as long.
    return hasattr(decoder, "complete") and hasattr(decoder, "pending")


def _directed(response: Response, location: str | None) -> Response:
    """A refusal that is a redirect says where to, and that it was not followed."""
    fault = response.fault
    if fault is None or not 300 <= (fault.status or 0) < 400:
        return response
    target = f" to {location[:300]}" if location else ""
    message = f"redirected{target}, and redirects are not followed: write that as the url"
    return attrs.evolve(response, fault=attrs.evolve(fault, message=message))


@define(eq=False)
class Manners:
    """What was seen of a server, by all connections to it."""

    patience: int = PATIENCE
    """How many more messages are waited for that do not end with their answers."""


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
        """For the parser: collected until the read is parsed, without a call of Python's own."""
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
        """The server told how long its answer is."""
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
        self._head = 0
        self.used += 1
        if not self._transport.is_closing():
            self._transport.write(data)
        # Else the server has gone, and only connection_lost, which fails the exchange, is to come.

    def abort(self) -> None:
        """Drop the connection with whatever is on it."""
        self.lost = True
        self._exchange = None
        self._let_go()
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
        except Exception as error:  # noqa: BLE001 - a codec's bug must reach who awaits the answer
            wrapped = isinstance(error, httptools.HttpParserCallbackError)
            self.abort()
            exchange.break_down(error.__context__ or error if wrapped else error)
            return
        if self._finished:
            if broken is not None or self._surplus:
                self._keep = False  # what follows the answer belongs to no request
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
        """Give up what is larger than anybody needs."""
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
        if self._gone is not None and not self._gone.done():
            self._gone.set_result(None)
        exchange, self._exchange = self._exchange, None
        if exchange is None or exchange.over:
            return
        if exchange.done is not None:
            if not self._promised:
                exchange.finish(exchange.done)
                return
            exchange.done = None  # whatever is missing of the length that the server told
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
            self._surplus = True  # another answer, and nobody asked for it
            return
        self._close_delimited = True
        self._promised = False
        self._encoding = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the few headers that matter."""
        exchange = self._exchange
        if exchange is None or exchange.started:
            return  # a trailer, or of an answer that nobody asked for
        length = len(name)
        self._head += length + len(value)
        if self._head > exchange.bounds.head:
            self._bound_head(exchange)
            return
        # The length decides quickly that most headers are of no interest.
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
        if self._linger is not None:
            self._let_go()
            self.manners.patience = PATIENCE
        if self._keep and not self.lost and self.on_idle is not None:
            self.on_idle(self)
        elif self._transport is not None:
            self.lost = True
            self._transport.close()
        exchange.finish(now)
