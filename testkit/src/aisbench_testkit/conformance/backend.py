"""A codec of a model server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from aisbench.api import BackendOffer, JsonObject, Offer, Request
from aisbench_testkit import canned
from aisbench_testkit.checks import backend, capabilities
from aisbench_testkit.checks.backend import GENERATION, Recorded
from aisbench_testkit.conformance.base import OfferConformance, expect_none, installed


class BackendConformance(OfferConformance):
    """``recorded`` are answers of real servers; ``models`` bodies of the list of models."""

    kind: ClassVar[type[Offer]] = BackendOffer
    recorded: ClassVar[Sequence[Recorded]] = ()
    models: ClassVar[Mapping[bytes, Sequence[str]]] = {}
    generation: ClassVar[JsonObject] = GENERATION
    """Settings that must each be refused or reach the server."""

    def requests(self) -> list[Request]:
        """Requests of every form that the offer's capabilities name."""
        offer, _ = installed().find(BackendOffer, self.offer)
        return canned.requests(offer)

    def test_encode(self) -> None:
        """Valid HTTP that holds the prompt, the same bytes every time."""
        expect_none(lambda: backend.check_encode(self.make, self.requests()))

    def test_capabilities(self) -> None:
        """What the offer claims is in the request: tools, pictures, streams, log-probabilities."""
        offer, _ = installed().find(BackendOffer, self.offer)
        expect_none(lambda: capabilities.check_capabilities(self.make, offer))

    def test_no_generation_setting_is_dropped(self) -> None:
        """Each is refused with advice, or changes what is sent."""
        expect_none(
            lambda: [
                problem
                for request in self.requests()
                for problem in backend.check_generation(self.make, request, self.generation)
            ]
        )

    def test_bodies_that_are_no_answer(self) -> None:
        """Nothing makes the decoder raise, and nothing of it passes for an answer."""
        for request in (self.requests()[0], self.requests()[-1]):
            expect_none(lambda one=request: backend.check_junk(self.make(), one))  # type: ignore[misc]

    def test_error_statuses(self) -> None:
        """A fault that keeps the status, whatever the body."""
        for request in (self.requests()[0], self.requests()[-1]):
            expect_none(lambda one=request: backend.check_errors(self.make(), one))  # type: ignore[misc]

    def test_recorded_answers(self) -> None:
        """They read the same however they are cut, and never end in silence."""
        if not self.recorded:
            pytest.skip("no recorded answers are given: set `recorded`")
        made = self.make()
        expect_none(
            lambda: [
                problem for one in self.recorded for problem in backend.check_recorded(made, one)
            ]
        )
        offer, _ = installed().find(BackendOffer, self.offer)
        expect_none(lambda: capabilities.check_recorded_usage(self.make, offer, self.recorded))

    def test_list_of_models(self) -> None:
        """Bad answers raise ValueError alone; good ones give the names."""
        expect_none(lambda: backend.check_models(self.make()))
        for body, names in self.models.items():
            assert list(self.make().parse_models(body)) == list(names)
