"""How the requests of one model reach its servers, over HTTP or by a transport of a plugin's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen

from aisbench.config.plan import Model
from aisbench.engine.client import AttemptResult
from aisbench.engine.discover import DiscoveredModel
from aisbench.engine.replicas import Replica, Replicas
from aisbench.types.request import Request


@frozen
class Trouble:
    """Why a server is not up. ``loading``: it said so itself, with 503."""

    why: str
    loading: bool = False
    hopeless: bool = False
    """Waiting does not help, as with a certificate that is refused."""


class ServerLink(Protocol):
    """One model's way to its servers; opened by :func:`aisbench.engine.open_link.open_link`."""

    async def attempt(self, request: Request, replica: Replica) -> AttemptResult:
        """Send once and read the answer to its end. Raises nothing but cancellation: what a
        plugin's code raises fails the attempt."""

    async def trouble(self, replica: Replica) -> Trouble | None:
        """Why a replica is not up; None when it is."""

    async def discover(
        self, model: Model, replicas: Replicas, adapters: Sequence[str] = ()
    ) -> DiscoveredModel:
        """The name to send, and the context. ``adapters`` are those that a server which lists
        adapters must have. Raises ServerError when the server cannot be reached
        or refuses us, AisbenchError when the suite must name the model."""
