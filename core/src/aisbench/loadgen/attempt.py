"""What is under way in a load: an attempt at a request, its conversation, its virtual client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from aisbench.contract.decoders import Decoder
from aisbench.conversation.conversation import Conversation
from aisbench.engine.bounds import AnswerBounds
from aisbench.engine.exchange import Exchange
from aisbench.engine.replicas import Replica
from aisbench.loadgen.sessions import ActiveSession
from aisbench.store.recording.columns import Phase
from aisbench.types.request import Request


class ActiveClient:
    """A virtual client of a closed loop, which begins no conversation from ``end`` (ns) on."""

    __slots__ = ("end",)

    def __init__(self, end: int | None) -> None:
        self.end = end


class ActiveConversation:
    """A conversation under way; ``client`` is the one that holds it, in a closed loop, and
    ``session`` the session of which it is one step."""

    __slots__ = (
        "client",
        "conversation",
        "failed",
        "first",
        "number",
        "phase",
        "row",
        "scheduled",
        "session",
        "step",
    )

    def __init__(
        self,
        number: int,
        row: int,
        conversation: Conversation,
        phase: Phase,
        client: ActiveClient | None,
        session: ActiveSession | None = None,
        step: int = 0,
    ) -> None:
        self.number = number
        self.row = row
        self.conversation = conversation
        self.phase = phase
        self.client = client
        self.first: Attempt | None = None
        """Its first request, where that is made ready before it begins."""
        self.scheduled = 0
        """When it was to begin, or its last turn was."""
        self.session = session
        self.step = step
        """Its place in the session."""
        self.failed = False
        """Whether its last request failed, or was cancelled."""


class Abortable(Protocol):
    """What carries an attempt, as far as others than its connections need it."""

    def abort(self) -> None:
        """Drop the connection with whatever is on it."""


class Attempt(Exchange):
    """An exchange, with what is recorded of it; ``number`` counts a request's attempts from 1."""

    __slots__ = (
        "active",
        "cancelled",
        "connect",
        "connection",
        "dispatched",
        "kept",
        "number",
        "phase",
        "replica",
        "request",
        "scheduled",
        "wire",
    )

    def __init__(
        self,
        active: ActiveConversation,
        phase: Phase,
        request: Request,
        wire: Any,
        decoder: Decoder,
        scheduled: int,
        number: int,
        on_end: Callable[[Exchange], None],
        bounds: AnswerBounds,
    ) -> None:
        super().__init__(decoder, on_end, bounds)
        self.active = active
        self.phase = phase
        self.request = request
        self.wire = wire
        """What is sent: a codec's HttpRequest; a Request, where a transport of its own sends."""
        self.scheduled = scheduled
        self.number = number
        self.dispatched = 0
        self.connect = 0
        self.connection: Abortable | None = None
        self.replica: Replica | None = None
        self.kept = False
        """Sent on a connection that had been open and idle, which the server may have dropped."""
        self.cancelled = False
