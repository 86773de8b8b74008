"""A backend with a transport of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from aisbench.api import BackendOffer, JsonObject, Offer
from aisbench_testkit.checks import (
    constructing,
    local,
    transport,
    transport_answers,
    transport_requests,
)
from aisbench_testkit.checks.peers import Peer
from aisbench_testkit.checks.transport_answers import PLAIN, Expected
from aisbench_testkit.checks.transport_requests import MARKED
from aisbench_testkit.conformance.base import OfferConformance, expect_none, installed


class TransportConformance(OfferConformance):
    """Override ``peer``, an asynchronous context manager that serves the protocol and yields its
    url, and say in ``expected`` what it answers. It runs on a loop and a thread of its own, and
    answers as many connections as come."""

    kind: ClassVar[type[Offer]] = BackendOffer
    expected: ClassVar[Sequence[Expected]] = PLAIN
    generation: ClassVar[JsonObject] = MARKED
    """Settings that must each be refused or reach the server."""

    lingers: ClassVar[str] = ""
    """Why a connection to a silent server may stay for a while after it was given up."""

    def peer(self) -> AbstractAsyncContextManager[str]:
        """A server on a port of this machine, without TLS."""
        raise NotImplementedError

    def _peer(self) -> Peer | None:
        given = type(self).peer is not TransportConformance.peer
        return self.peer if given else None

    def _offer(self) -> BackendOffer:
        return installed().find(BackendOffer, self.offer)[0]

    def test_refused(self) -> None:
        """Unknown settings are refused with advice."""
        expect_none(lambda: local.check_refused(self.make()))

    def test_construction(self) -> None:
        """The constructor opens nothing and starts nothing."""
        expect_none(lambda: constructing.check_construction(self.make))

    def test_servers_that_are_none(self) -> None:
        """They refuse, end, stay silent or send garbage: a fault in time, and nothing left."""
        expect_none(lambda: transport.check_no_server(self.make, self._offer(), self.lingers))

    def test_what_is_shown(self) -> None:
        """`--dry-run` shows the prompt, and what the offer's capabilities need."""
        expect_none(lambda: transport.check_shown(self.make, self._offer()))

    def test_answers(self) -> None:
        """One, another on the same connection, many at once; told to core as they are."""
        expect_none(
            lambda: transport_answers.check_answers(
                self.make, self._offer(), self._peer(), self.expected
            )
        )

    def test_requests_that_are_given_up(self) -> None:
        """Cancelled or out of time, they end at once and leave nothing."""
        expect_none(
            lambda: transport_requests.check_given_up(
                self.make, self._offer(), self._peer(), self.expected
            )
        )

    def test_generation_settings(self) -> None:
        """Each is refused with advice, or reaches the server."""
        expect_none(
            lambda: transport_requests.check_reach(
                self.make, self._offer(), self._peer(), self.generation, self.expected
            )
        )
