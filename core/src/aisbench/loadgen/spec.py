"""Everything that the workers of a load need, made before they are forked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from attrs import frozen

from aisbench.config.load_keys import LoadSettings
from aisbench.config.suite import ServiceSettings
from aisbench.contract.service_backends import ServiceBackend
from aisbench.contract.transports import TransportBackend
from aisbench.conversation.conversation import Conversation
from aisbench.loadgen.sessions import Sessions
from aisbench.store.redactor import Redactor
from aisbench.types.load import Schedule

SECOND = 1_000_000_000


class ConversationSource(Protocol):
    """What a load asks: rows, with each of which a conversation can be begun any number of
    times. Both methods give the same conversation to every worker that asks for it."""

    def __len__(self) -> int:
        """The number of rows, at least 1."""

    def begin(self, row: int, repeat: int) -> Conversation:
        """The conversation of a row before its first request; ``repeat`` counts from 0."""

    def warm_up(self, row: int, repeat: int) -> Conversation:
        """As :meth:`begin`, for a request that is not measured."""


@frozen(kw_only=True)
class LoadSpec:
    """One load: what is asked, when, how, and where it is recorded.

    Times are in ns. ``requests`` and ``duration_ns`` end the measured part, whichever comes
    first. ``model``, ``nonce`` and ``seed`` are recorded with the load; the seed also decides the
    order of rows, think times and the jitter of retries.
    """

    label: str
    """Names the load's subject in messages."""
    service: ServiceSettings
    """Time-outs, retries, TLS, proxy and reading of answers; the addresses are ``urls``."""
    codec: ServiceBackend | None
    """None where ``transport`` sends."""
    conversations: ConversationSource
    model: str
    urls: Sequence[str]
    headers: Mapping[str, str]
    settings: LoadSettings
    schedule: Schedule
    requests: int | None
    duration_ns: int | None
    seed: int
    nonce: str
    folder: Path
    workers: int
    connections: int
    """Opened before the start, by all workers together."""
    most_connections: int
    """Of one worker."""
    sources: Sequence[str]
    keep_answers: bool
    abort_after: int
    session: int
    redactor: Redactor
    transport: TransportBackend | None = None
    """A transport of the plugin's own, in place of HTTP."""
    schemes: Sequence[str] = ("http", "https")
    """Of the backend's urls."""
    prime: Callable[[int], Conversation] | None = None
    """Makes a request that fills the server's cache with a row's prompt, before the start."""
    sessions: Sessions | None = None
    """Where rows wait for others: a load's numbers are then of sessions, not of rows."""

    def share(self, count: int, index: int) -> int:
        """The part of ``count`` that falls to one worker; the first ones get one more where it
        does not divide."""
        return count // self.workers + (index < count % self.workers)

    def most_in_flight(self, index: int) -> int:
        """How many requests one worker may have in flight."""
        most = self.settings.max_concurrency
        if most is None:
            return self.most_connections
        return min(self.most_connections, self.share(most, index))

    @property
    def cool_down_ns(self) -> int:
        """How long the load is kept up after the measured part."""
        return int(self.settings.cool_down * SECOND)

    @property
    def grace_ns(self) -> int | None:
        """How long measured requests may take after the end."""
        grace = self.settings.grace
        return None if grace is None else int(grace * SECOND)
