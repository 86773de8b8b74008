"""Models reached by a transport of the plugin's own: WebSocket, gRPC, an SDK.

The plugin connects, sends and reads; core keeps time-outs, retries, replicas, loads and clocks.
What happened, and when, a transport tells a :class:`Tape`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from aisbench.types.json import JsonObject
from aisbench.types.request import Request
from aisbench.types.response import Response
from aisbench.types.served import ServedModel
from aisbench.types.transport import TransportAddress


class Tape(Protocol):
    """Core's record of one attempt. Each call is stamped by core's clock when it is made; ``at``
    is for what was stamped before, with :meth:`now`.

    What cannot be (counts below zero, instants that are to come or out of order, a read before
    ``sent`` or after the end) is the transport's bug: the attempt fails with the kind BUG, and the
    call raises. So does every call once core has given the attempt up.
    """

    def now(self) -> int:
        """An instant of core's clock: monotonic, in ns."""

    def sent(self, *, at: int | None = None) -> None:
        """The request was handed to the network. To be called once, before the first read; ``at``
        is best taken just before it was, so that no wait for the processor hides in it."""

    def read(
        self,
        tokens: int = 0,
        text: str = "",
        *,
        reasoning: str = "",
        size: int = 0,
        at: int | None = None,
    ) -> None:
        """A message, or bytes, were read.

        ``tokens`` is the number of events in it that carried output tokens, those of reasoning
        included; 0 for heartbeats, roles and counts. ``text`` and ``reasoning`` are what it adds
        to the answer, of which a request that is given up keeps what it had; ``size`` is in
        bytes, for the suite's ``limits``.
        """

    def end(self, *, at: int | None = None) -> None:
        """The answer is whole. Only for transports with more to do before ``send`` returns, such
        as a closing handshake; otherwise its return is the end."""


class TransportConnection(Protocol):
    """What :meth:`TransportBackend.connect` gives. It carries one request at a time, and is used
    again if ``usable``; many may share one link underneath."""

    @property
    def usable(self) -> bool:
        """Whether another request can be sent on it. Looked at after each answer, and before each
        request."""

    async def send(self, request: Request, tape: Tape) -> Response:
        """Send a request, read its answer, and return it whole. Media in it hold their contents.

        Called again for each attempt. Raises TransportError, or an OSError or EOFError for a
        connection that broke; anything else is a bug of the transport, and fails the request
        alone. Must not block the event loop, and must pass on CancelledError: core cancels a
        request that it gives up, and then closes the connection.
        """

    async def close(self) -> None:
        """Let go of everything. Called once, whatever happened."""


class TransportBackend(Protocol):
    """A model reached by a transport of its own. Offered with
    ``BackendOffer(transport="own", schemes=...)``.

    Constructed with its settings, in another process than the one that sends a load: nothing may
    be opened, and no loop or thread started, before :meth:`connect`.
    """

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        """Generation settings that this transport cannot express: name -> what to do. Everything
        that is not refused must reach the server."""

    async def connect(self, address: TransportAddress) -> TransportConnection:
        """A new connection to one replica. Core gives it up after ``timeout.connect``.

        Raises OSError (ssl.SSLError among them) or TransportError.
        """


@runtime_checkable
class ListingTransport(TransportBackend, Protocol):
    """A transport that can ask which models a server has. Optional, and recognised by the
    method's name; without it the suite names the model."""

    async def served_models(self, connection: TransportConnection) -> Sequence[ServedModel]:
        """Asked on a connection of :meth:`connect`, before the first request. Raises as
        :meth:`TransportConnection.send`, and ValueError for an answer that is no such list."""


@runtime_checkable
class WatchedTransport(TransportBackend, Protocol):
    """A transport whose servers can be asked whether they are up. Optional, and recognised by the
    method's name; without it a server is up that takes a connection."""

    async def trouble(self, connection: TransportConnection) -> str:
        """Why the server answers no requests yet, such as a model that is being loaded; "" when it
        does. Raises as :meth:`TransportConnection.send`."""


@runtime_checkable
class ShownTransport(TransportBackend, Protocol):
    """A transport that can show a request before it is sent, for ``--dry-run``. Optional, and
    recognised by the method's name."""

    def shown(self, request: Request) -> str:
        """What would be sent, for people. Sends nothing, and holds no secret."""
