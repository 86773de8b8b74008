"""The decoder for questions about a server: it keeps the bytes of the answer."""

from __future__ import annotations

from aisbench.types.response import Response


class BodyDecoder:
    """Keeps status and body of any answer."""

    answer_begun = False

    def __init__(self) -> None:
        self.status = 0
        self.data = b""

    def start(self, status: int, content_type: str) -> None:
        self.status = status

    def feed(self, data: bytes) -> int:
        self.data += data
        return 0

    def finish(self) -> Response:
        return Response()
