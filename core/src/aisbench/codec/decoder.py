"""From the bytes of a body to a Response, for every protocol of JSON objects over HTTP.

What all have in common is here: telling a stream from a whole body, server-sent events by the
standard, keep-alives, errors in all forms, answers that were cut. What an object means is for the
protocol's :class:`Collector` to say.
"""

from __future__ import annotations

from typing import Any, Protocol

import orjson
from attrs import define, field

from aisbench.base import lenient
from aisbench.codec import faults
from aisbench.codec.alike import Alike, collects_text
from aisbench.codec.blocks import Blocks
from aisbench.types.response import Fault, Response

_BOM = b"\xef\xbb\xbf"
_BLANK = b" \t\r\n"
_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":", b"error:")
_ENOUGH = max(map(len, _FIELDS))

_LF = 10
"""A line feed. Searching bytes for a number is several times as fast as for other bytes."""
_LARGE = 1 << 16
_DONE = (b"data: [DONE]", b"data:[DONE]")
_DONE_LINES = tuple(one + b"\n" for one in _DONE)
_DONE_SIZES = tuple(map(len, _DONE_LINES))

_read = orjson.loads


class Collector(Protocol):
    """Adds up the objects of one answer, in a protocol's own terms."""

    begun: bool
    """Whether anything of an answer was seen, even if it was empty."""
    alien: bool
    """Whether the last event was not part of the protocol. The decoder then checks whether it is
    an error in a form of the server's own, and resets this."""
    fault: Fault | None
    """The server's own error."""

    @property
    def answering(self) -> bool:
        """Whether part of the answer itself was seen, and not only reasoning."""

    @property
    def ended(self) -> bool:
        """Whether the protocol's own end was seen, such as a reason to stop."""

    def take(self, event: Any) -> int:
        """Add the object of an event, or a whole body (any JSON). Returns 1 if it carried output
        tokens, else 0. Must not raise on what a server sent."""

    def fail(self, error: Any, body: str) -> None:
        """Note the server's own error, an object or text; the first one counts."""

    def response(self, cut: tuple[str, ...], fault: Fault | None) -> Response:
        """Everything that was added, the text ending before the first of the strings ``cut``.

        ``fault`` is what the decoder found; an error that the server named comes first.
        """


@define(eq=False)
class EventDecoder:
    """One attempt's decoder. ``cut`` are the strings before which the text ends. For messages,
    ``protocol`` names what was expected, and ``end`` what ends a stream of it. With
    ``open_ended`` a stream may also end with the body, for protocols that mark no end. With
    ``last`` the event in which the collector sees its end is the last one of a stream.

    The first bytes show whether the body is a stream, not what was requested: some proxies and
    servers ignore ``stream``, in both directions, and some send streams without their content
    type.

    A stream is complete when the collector saw its end, or with ``[DONE]``. One with neither was
    cut, as was one that ends inside an event. One that held an error in words foreign to the
    protocol, and no end but ``[DONE]``, failed with these words.

    ``complete``: what comes now is not part of the answer (see :class:`aisbench.api.Decoder`).
    """

    _answer: Collector
    _protocol: str
    _end: str
    _cut: tuple[str, ...] = ()
    _open_ended: bool = False
    _last: bool = False
    complete: bool = field(init=False, default=False)
    _status: int = field(init=False, default=200)
    _sse: bool = field(init=False, default=False)
    _early: list[bytes] = field(init=False, factory=list)
    _whole: bool = field(init=False, default=False)
    _blocks: Blocks | None = field(init=False, default=None)
    _first: bytes | None = field(init=False, default=None)
    _over: bool = field(init=False, default=False)
    _strange: bool = field(init=False, default=False)
    _complaint: tuple[Any, str] | None = field(init=False, default=None)
    _fault: Fault | None = field(init=False, default=None)
    _alike: Alike | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        if collects_text(self._answer):
            self._alike = Alike(self._answer)

    @property
    def answer_begun(self) -> bool:
        """See :class:`aisbench.api.Decoder`; tool calls are part of the answer."""
        return self._answer.answering

    @property
    def pending(self) -> int:
        """Bytes kept of an event that is not whole yet."""
        return 0 if self._blocks is None else self._blocks.pending

    def start(self, status: int, content_type: str) -> None:
        self._status = status
        self._whole = not 200 <= status < 300
        self._sse = "event-stream" in content_type.lower()

    def feed(self, data: bytes) -> int:
        """See :class:`aisbench.api.Decoder`.

        In a body that is not a stream no tokens are counted: it does not show when they came.
        """
        if self._blocks is None:
            return self._gather(data)
        alike = self._alike
        if (
            alike is not None
            and not self._blocks.pending
            and not self._over
            and (tokens := alike.take_read(data))
        ):
            return tokens
        blocks = self._blocks.feed(data)
        tokens = 0
        if blocks and not self._over:
            if self._first is None:
                self._first = next(filter(None, blocks), None)
            tokens = self._take(blocks, alike)
        if (
            self._over
            or (self._last and self._answer.ended)
            # Some servers forget the blank line behind [DONE].
            or (self._blocks.pending in _DONE_SIZES and self._blocks.rest() in _DONE_LINES)
        ):
            self.complete = True
        return tokens

    def _take(self, blocks: list[bytes], alike: Alike | None) -> int:
        """Take whole blocks; ``alike`` takes as many at once as it can."""
        tokens = place = 0
        take = self._answer.take
        while place < len(blocks) and not self._over:
            if alike is not None and (taken := alike.take(blocks, place)):
                tokens += taken
                place += taken
                continue
            block = blocks[place]
            place += 1
            if block in _DONE:
                self._over = True
            elif block.startswith(b"data:") and _LF not in block:
                try:
                    # A large one is not copied.
                    event = _read(block[5:] if len(block) < _LARGE else memoryview(block)[5:])
                except orjson.JSONDecodeError:
                    tokens += self._odd(block[5:])
                    continue
                if take(event):
                    tokens += 1
                    if alike is not None:
                        alike.learn(block, event)
                else:
                    self._look(event, block)
            elif block:
                tokens += self._unusual(block)
        return tokens

    def finish(self) -> Response:
        if self._blocks is None and not self._whole:
            self._decide(b"".join(self._early), ended=True)
        fault = self._end_whole() if self._blocks is None else self._end_stream(self._blocks)
        return self._answer.response(self._cut, fault)

    def _gather(self, data: bytes) -> int:
        """Keep the body until it shows what it is, and all of one that is not a stream."""
        self._early.append(data)
        if self._whole:
            return 0
        body = b"".join(self._early)
        if len(body) > _ENOUGH and body.isspace():
            body = body[-1:]  # blanks alone show nothing
        self._early = [body]
        return self._decide(body, ended=False)

    def _decide(self, body: bytes, *, ended: bool) -> int:
        if len(body) < len(_BOM) and _BOM.startswith(body) and not ended:
            return 0
        start = body.removeprefix(_BOM).lstrip(_BLANK)
        if not start or (len(start) < _ENOUGH and not ended):
            return 0
        stream = not start.startswith((b"{", b"[", b"<")) if self._sse else False
        if not (stream or start.startswith(_FIELDS)):
            self._whole = True
            return 0
        self._early = []
        self._blocks = Blocks()
        return self.feed(body.removeprefix(_BOM))

    def _unusual(self, block: bytes) -> int:
        """A block of several lines, or without a line of data."""
        assert self._blocks is not None
        tokens = 0
        for event in self._blocks.events(block):
            if event.event == "error":
                self._fail(event.data)
            elif event.event != "message" and lenient.loads(event.data) is lenient.INVALID:
                continue  # a proxy's own kind of event, such as a heartbeat
            else:
                tokens += self._odd(event.data)
        block = block.lstrip(b"\n")
        if block.startswith(b"error:"):
            # llama.cpp writes the event's name in place of "data".
            self._fail(block[6:])
        return tokens

    def _fail(self, data: bytes) -> None:
        """Note an error that the server itself calls one."""
        value = lenient.loads(data)
        text = faults.shorten(data.strip(), faults.BODY_LIMIT)
        self._answer.fail(text if value is lenient.INVALID else value, text)
        self.complete = True

    def _look(self, event: Any, data: bytes) -> None:
        """Check whether an event without tokens is an error."""
        answer = self._answer
        if answer.alien:
            answer.alien, self._strange = False, True
            found = faults.complaint(event) if faults.may_complain(data) else None
            if found is not None:
                text = faults.shorten(data.removeprefix(b"data:").strip(), faults.BODY_LIMIT)
                if found.sure:
                    answer.fail(found.words, text)
                elif self._complaint is None:
                    self._complaint = (found.words, text)
        if answer.fault is not None:
            self.complete = True

    def _odd(self, data: bytes) -> int:
        """Take the data of an event that may not be plain JSON."""
        data = data.strip()
        if not data or self._over:
            return 0
        if data == b"[DONE]":
            self._over = True
            return 0
        event: Any = lenient.loads(data)
        if event is lenient.INVALID:
            self._over = True
            self._fault = faults.garbled_fault(data)
            return 0
        tokens = self._answer.take(event)
        if not tokens:
            self._look(event, data)
        return tokens

    def _end_stream(self, blocks: Blocks) -> Fault | None:
        answer = self._answer
        rest = blocks.rest()
        torn = not self._over and self._is_torn(rest)
        if self._complaint is not None and not answer.ended:
            answer.fail(*self._complaint)
        if self._fault is not None and not torn:
            return self._fault
        if not answer.begun and (self._strange or (self._over and not torn)):
            return faults.alien_fault(self._status, self._first or rest, self._protocol)
        if torn:
            return faults.cut_fault("the stream ended inside an event")
        return (
            None if self._has_end() else faults.cut_fault(f"the stream ended without {self._end}")
        )

    def _has_end(self) -> bool:
        answer = self._answer
        return answer.ended or self._over or (self._open_ended and answer.begun)

    def _is_torn(self, rest: bytes) -> bool:
        """Whether the stream broke off in ``rest``, its last block without a blank line.

        Some servers forget the last blank line: what is whole without it is taken.
        """
        if not rest.strip():
            return False
        self._unusual(rest.strip(b"\n"))
        tail = rest.rpartition(b"\n")[2]
        # With an empty tail the last line has ended, and only the blank line can be missing.
        whole = not tail or tail.startswith((b":", b"error:"))
        if tail.startswith(b"data:"):
            whole = bool(tail[5:].strip())
        return self._fault is not None or not whole

    def _end_whole(self) -> Fault | None:
        body = b"".join(self._early)
        if not 200 <= self._status < 300:
            return faults.http_fault(self._status, body)
        start = body.removeprefix(_BOM).strip()
        event = lenient.loads(start)
        if event is lenient.INVALID:
            if start.startswith(b"{") and not start.endswith(b"}"):
                return faults.cut_fault("the answer ended inside its JSON")
            if not start and self._status == 200:
                return faults.cut_fault("the answer has no body")
            return faults.alien_fault(self._status, start, self._protocol)
        self._answer.take(event)
        if not self._answer.begun:
            found = faults.complaint(event)
            if found is not None and found.sure:
                self._answer.fail(found.words, faults.shorten(start, faults.BODY_LIMIT))
            return faults.alien_fault(self._status, start, self._protocol)
        return None
