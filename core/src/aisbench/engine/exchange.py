"""One attempt at one request: what was received of its answer, and when."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TypeGuard

import attrs

from aisbench.base.clock import now_ns
from aisbench.contract.decoders import Decoder, StreamDecoder
from aisbench.engine.bounds import BOUNDS, AnswerBounds
from aisbench.engine.bugs import Bugs, sound
from aisbench.types.response import Fault, FaultKind, Response

DROP_NS = 5_000_000_000
"""The longest time after sending at which it can show that the server had dropped an idle
connection, on a slow network and a busy machine."""


class Exchange:
    """The state of one attempt.

    ``on_end`` is called once, when the answer is whole or never will be. It is called while the
    socket is read, so it must be quick. An answer is whole when its HTTP message is, or when its
    protocol says so: some servers and gateways leave the message open behind ``[DONE]``.

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
        "sent",
        "started",
        "stream",
        "upload",
        "uploaded",
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
        self.sent: int | None = None
        """When the request was handed to the kernel: the last byte of it, of a large one whose
        answer did not begin before that."""
        self.upload = 0
        """ns before ``sent`` at which the first byte of a large request was handed over."""
        self.uploaded = 0
        """Bytes of the request, where a load sends it."""
        self.first_byte: int | None = None
        self.reads = array("q")
        self.first_answer: int | None = None
        """The first token that is not reasoning, where the codec tells them apart."""
        self.done: int | None = None
        """When the end of the answer was read, or it failed. It is set before the exchange is over
        where the end of the HTTP message is still to come."""
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
        """End without a fault, unless it has ended."""
        if not self.over:
            self.over = True
            if self.done is None:
                self.done = now
            self.on_end(self)

    def never_taken(self, sent: int) -> bool:
        """Whether the server dropped the idle connection before it read the request that was
        ``sent`` (ns). Such a request is sent again, on another connection.

        Drops show at once: a server that worked on a request for longer and then fell silent has
        failed it. Once a byte of an answer came, nothing is ever sent twice.
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

        What the server itself said about the failure comes before what the engine saw of it.
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
    """The response to a redirect names its target, and says that it was not followed."""
    fault = response.fault
    if fault is None or not 300 <= (fault.status or 0) < 400:
        return response
    target = f" to {location[:300]}" if location else ""
    message = f"redirected{target}, and redirects are not followed: write that as the url"
    return attrs.evolve(response, fault=attrs.evolve(fault, message=message))
