"""What a backend makes of the bytes of an answer."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from aisbench.types.response import Response


class Decoder(Protocol):
    """Turns the bytes of one HTTP response into a Response. Sans-I/O: it has no clock."""

    @property
    def answer_begun(self) -> bool:
        """Whether an event of the answer itself was fed, and not only of the reasoning.

        It separates the first answer token from the first reasoning token, if the protocol does.
        """

    def start(self, status: int, content_type: str) -> None:
        """The response's head has arrived. Called once, before any :meth:`feed`."""

    def feed(self, data: bytes) -> int:
        """Take bytes of the body, cut anywhere. Returns how many events carried output tokens.

        The engine stamps the time once per call and relies on the number: role-only, empty,
        usage-only and keep-alive events do not count. Must not raise on what a server sent.
        """

    def finish(self) -> Response:
        """The body is complete, or was cut. Called once.

        Must not raise: an error status, an error inside the answer, bytes that are not the
        protocol's and an answer without its end become a Response with a Fault.
        """


@runtime_checkable
class StreamDecoder(Decoder, Protocol):
    """A decoder that knows where streams of its protocol end, and how much of them it keeps.

    Optional, and recognised by the attributes' names. Both are read after each read of the
    socket: make them plain attributes, or cheap properties.
    """

    @property
    def complete(self) -> bool:
        """Whether the end of the protocol's stream was fed: the answer ends there, even if more
        bytes follow or the connection stays open."""

    @property
    def pending(self) -> int:
        """Bytes kept of an event that is not complete."""
