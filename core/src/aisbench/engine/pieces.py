"""A request whose body lies partly in files, which are read while it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from aisbench.media.chunks import FileInBase64
from aisbench.types.http import HttpRequest


@frozen(kw_only=True)
class PiecedRequest:
    """``request`` has no body: it consists of ``pieces``, one after the other."""

    request: HttpRequest
    pieces: tuple[bytes | FileInBase64, ...]

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return sum(
            one.length if isinstance(one, FileInBase64) else len(one) for one in self.pieces
        )

    @property
    def held(self) -> int:
        """Bytes of it that are in memory."""
        return sum(len(one) for one in self.pieces if isinstance(one, bytes))

    def chunks(self, head: bytes) -> Iterator[bytes]:
        """Head and body as they are sent. Raises DataError."""
        before = head
        for piece in self.pieces:
            if isinstance(piece, bytes):
                before += piece
                continue
            for chunk in piece.chunks():
                # What stands between two contents is too short to be sent alone.
                yield before + chunk if before else chunk
                before = b""
        if before:
            yield before
