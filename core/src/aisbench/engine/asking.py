"""A decoder for questions that are not requests to a model: it keeps the bytes."""

from __future__ import annotations

from aisbench.types.response import Response


class Body:
    """Status and body of an answer, whatever they say."""

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
