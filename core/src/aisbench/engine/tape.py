"""The tape that a transport of a plugin's own tells what happened, and what core makes of it.

It writes into an :class:`~aisbench.engine.exchange.Exchange`, as an HTTP connection does, so that
time-outs, records and figures are the same for both.
"""

from __future__ import annotations

import attrs

from aisbench.base.clock import now_ns
from aisbench.codec.numbers import MOST
from aisbench.engine.exchange import Exchange
from aisbench.types.request import Request
from aisbench.types.response import FaultKind, Response


class TapeError(Exception):
    """A transport told its tape what cannot be, or went on after its request was over."""


class OwnAnswer:
    """Stands where a codec's decoder stands: it keeps what the transport told of the answer, and
    the whole response once there is one. ``request`` is what is sent."""

    answer_begun = False

    def __init__(self, request: Request) -> None:
        self.request = request
        self.texts: list[str] = []
        self.reasoning: list[str] = []
        self.response: Response | None = None

    def start(self, status: int, content_type: str) -> None:
        """Nothing: a transport has no head."""

    def feed(self, data: bytes) -> int:
        """Nothing: a transport's bytes stay its own."""
        return 0

    def finish(self) -> Response:
        """The response, or as much as was told of it."""
        if self.response is not None:
            return self.response
        reasoning = "".join(self.reasoning)
        return Response(text="".join(self.texts), reasoning=reasoning or None)


class ExchangeTape:
    """See :class:`aisbench.api.Tape`."""

    __slots__ = ("_answer", "_exchange", "_last")

    def __init__(self, exchange: Exchange, answer: OwnAnswer, dispatched: int) -> None:
        self._exchange = exchange
        self._answer = answer
        self._last = dispatched
        """The latest instant that was told."""

    def now(self) -> int:
        """See :class:`aisbench.api.Tape`."""
        return now_ns()

    def sent(self, *, at: int | None = None) -> None:
        """See :class:`aisbench.api.Tape`."""
        exchange = self._open("sent")
        if exchange.sent is not None:
            self._refuse("sent() was called twice")
        exchange.sent = self._instant("sent", at)

    def read(
        self,
        tokens: int = 0,
        text: str = "",
        *,
        reasoning: str = "",
        size: int = 0,
        at: int | None = None,
    ) -> None:
        """See :class:`aisbench.api.Tape`."""
        exchange = self._open("read")
        self._check_read(tokens, size, text, reasoning)
        now = self._instant("read", at)
        if exchange.first_byte is None:
            exchange.first_byte = now
        if text:
            self._answer.texts.append(text)
        if reasoning:
            self._answer.reasoning.append(reasoning)
        if tokens:
            if not exchange.reads and exchange.on_first_token is not None:
                exchange.on_first_token()
            exchange.reads.append(now)
            exchange.reads.append(tokens)
            if text and exchange.first_answer is None:
                exchange.first_answer = now
        self._bound(size or len(text) + len(reasoning))

    def _check_read(self, tokens: int, size: int, text: str, reasoning: str) -> None:
        if self._exchange.sent is None:
            self._refuse("read() was called before sent()")
        for name, count in (("tokens", tokens), ("size", size)):
            if type(count) is not int or not 0 <= count <= MOST:
                self._refuse(f"read() was told of {name} = {count!r}")
        for piece in (text, reasoning):
            if type(piece) is not str:
                self._refuse(f"read() was given a {type(piece).__name__} as a text")

    def _bound(self, size: int) -> None:
        """Give up an answer that is larger than the suite allows; ``size`` bytes were added."""
        exchange = self._exchange
        exchange.received += size
        if exchange.received > exchange.bounds.least and (
            over := exchange.bounds.exceeded(exchange.received, True, size)
        ):
            exchange.fail(FaultKind.PROTOCOL, over)
            raise TapeError(over)

    def end(self, *, at: int | None = None) -> None:
        """See :class:`aisbench.api.Tape`."""
        exchange = self._open("end")
        if exchange.sent is None:
            self._refuse("end() was called before sent()")
        exchange.done = self._instant("end", at)

    def take(self, response: object) -> None:
        """The transport has returned: the exchange is over."""
        exchange = self._exchange
        if exchange.over:
            return
        if type(response) is not Response:
            self._refuse(f"send() gave {type(response).__name__}, not a Response")
        assert isinstance(response, Response)
        if exchange.sent is None and response.fault is None:
            self._refuse("send() returned an answer, and never said that the request was sent")
        self._answer.response = _with_told(response, self._answer)
        exchange.finish(now_ns())

    def _open(self, call: str) -> Exchange:
        exchange = self._exchange
        if exchange.over:
            raise TapeError(f"{call}() was called after core had given the request up")
        if exchange.done is not None:
            self._refuse(f"{call}() was called after the end of the answer")
        return exchange

    def _instant(self, call: str, at: int | None) -> int:
        now = now_ns()
        if at is None:
            at = now
        elif type(at) is not int or not self._last <= at <= now:
            self._refuse(
                f"{call}() was given the instant {at!r}, which is "
                + ("to come" if type(at) is int and at > now else "before the one told last")
            )
        self._last = at
        return at

    def _refuse(self, what: str) -> None:
        error = TapeError(what)
        self._exchange.break_down(error)
        raise error


def _with_told(response: Response, answer: OwnAnswer) -> Response:
    """A failed response keeps what had arrived, if the transport itself leaves it out."""
    if response.fault is None or response.text or response.reasoning is not None:
        return response
    told = Response(text="".join(answer.texts), reasoning="".join(answer.reasoning) or None)
    return attrs.evolve(response, text=told.text, reasoning=told.reasoning)
