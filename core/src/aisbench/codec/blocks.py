"""Cutting a stream of server-sent events into the blocks between its blank lines.

A block is nearly always one line, ``data: {...}``, whose JSON can be read in place, which makes
this several times as fast as a parser of lines. All other blocks go through core's SseParser.
"""

from __future__ import annotations

from attrs import define, field

from aisbench.base.sse import SseEvent, SseParser


def _parser() -> SseParser:
    parser = SseParser()
    # A byte-order mark counts only at the start of a stream, and this is not the start.
    parser.feed(b"\n")
    return parser


@define(eq=False)
class Blocks:
    """Takes the bytes after a byte-order mark, cut anywhere; gives back whole blocks."""

    pending: int = field(init=False, default=0)
    """Bytes kept of a block that has begun."""
    _pieces: list[bytes] = field(init=False, factory=list)
    _held: bool = field(init=False, default=False)
    """The last byte was a CR, perhaps the first half of a CRLF."""
    _parser: SseParser | None = field(init=False, default=None)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Blocks completed by ``chunk``; empty ones, from superfluous blank lines, may be among
        them. The time is proportional to the bytes, however they are cut."""
        if self._held or b"\r" in chunk:
            chunk = self._plain(chunk)
        pieces = self._pieces
        if pieces:
            # Only the new bytes, and the seam before them, can hold the blank line.
            if chunk[:1] == b"\n" and pieces[-1].endswith(b"\n"):
                pieces[-1] = pieces[-1][:-1]
                chunk = chunk[1:]
            else:
                # Searching for one byte is many times as fast as for two.
                end = chunk.find(b"\n\n") if b"\n" in chunk else -1
                if end < 0:
                    if chunk:
                        pieces.append(chunk)
                    self.pending += len(chunk)
                    return []
                pieces.append(chunk[:end])
                chunk = chunk[end + 2 :]
            first = b"".join(pieces)
            pieces.clear()
            blocks = [first, *chunk.split(b"\n\n")]
        else:
            blocks = chunk.split(b"\n\n")
        rest = blocks.pop()
        if rest:
            pieces.append(rest)
        self.pending = len(rest) + self._held
        return blocks

    def _plain(self, chunk: bytes) -> bytes:
        """The bytes with LF for all ends of lines; a CR at the very end waits for what follows."""
        if self._held:
            chunk = b"\r" + chunk
        self._held = chunk.endswith(b"\r")
        if self._held:
            chunk = chunk[:-1]
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def rest(self) -> bytes:
        """The last block of a stream, if its blank line is missing."""
        return b"".join(self._pieces) + (b"\n" if self._held else b"")

    def events(self, block: bytes) -> list[SseEvent]:
        """The event of a block of any form, or none (comments, unknown fields)."""
        if self._parser is None:
            self._parser = _parser()  # few streams need one
        return self._parser.feed(block + b"\n\n")
