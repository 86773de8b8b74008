"""Server-sent events, without I/O.

Follows the HTML standard's "interpreting an event stream" (section 9.2.6): LF, CRLF and CR line
ends, a leading byte-order mark, comments, multi-line data; ``event`` is kept, ``id`` and
``retry`` are read and dropped.
"""

from __future__ import annotations

from attrs import frozen

_BOM = b"\xef\xbb\xbf"


@frozen
class SseEvent:
    """One dispatched event. ``data`` is raw UTF-8, its lines joined by LF."""

    data: bytes
    event: str = "message"


class SseParser:
    """Takes the bytes of a body as they come, cut anywhere, and returns whole events."""

    __slots__ = ("_buffer", "_data", "_event", "_pieces", "_started", "_swallow")

    def __init__(self) -> None:
        self._buffer = b""
        """The first bytes, while they may be part of a byte-order mark."""
        self._pieces: list[bytes] = []
        """Pieces of an incomplete line. They are joined once, so that long lines stay cheap."""
        self._data: list[bytes] = []
        self._event = ""
        self._started = False
        self._swallow = False

    def feed(self, chunk: bytes) -> list[SseEvent]:
        """Events completed by ``chunk``."""
        if not chunk:
            return []
        buffer = chunk
        if not self._started:
            buffer = self._buffer + chunk
            if len(buffer) < 3 and _BOM.startswith(buffer):
                self._buffer = buffer
                return []
            self._started = True
            self._buffer = b""
            if buffer.startswith(_BOM):
                buffer = buffer[3:]
        if self._swallow:
            # The other half of a CRLF whose CR ended the chunk before.
            self._swallow = False
            if buffer.startswith(b"\n"):
                buffer = buffer[1:]
        if b"\r" in buffer:
            self._swallow = buffer.endswith(b"\r")
            buffer = buffer.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = buffer.split(b"\n")
        rest = lines.pop()
        events: list[SseEvent] = []
        if lines and self._pieces:
            lines[0] = b"".join((*self._pieces, lines[0]))
            self._pieces.clear()
        for line in lines:
            self._line(line, events)
        if rest:
            self._pieces.append(rest)
        return events

    @property
    def pending(self) -> bool:
        """Whether the stream has stopped inside an event."""
        return bool(self._buffer or self._pieces or self._data or self._event)

    def flush(self) -> list[SseEvent]:
        """The event that a body's end left without its blank line, if any.

        The standard drops it. Some servers forget the last blank line, so that a codec may want
        to decide itself.
        """
        events: list[SseEvent] = []
        if rest := self._buffer + b"".join(self._pieces):
            self._line(rest, events)
            self._buffer = b""
            self._pieces.clear()
        self._line(b"", events)
        return events

    def _line(self, line: bytes, events: list[SseEvent]) -> None:
        if not line:
            if self._data:
                events.append(SseEvent(b"\n".join(self._data), self._event or "message"))
            self._data = []
            self._event = ""
            return
        name, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
