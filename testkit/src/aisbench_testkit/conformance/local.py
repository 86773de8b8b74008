"""A backend that holds the model itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest

from aisbench.api import BackendOffer, JsonObject, Offer, Prompt, Request
from aisbench_testkit import canned
from aisbench_testkit.checks import local
from aisbench_testkit.conformance.base import OfferConformance, expect_none, installed


class LocalBackendConformance(OfferConformance):
    """``settings`` must name a model that is small. ``generation`` is what all requests ask."""

    kind: ClassVar[type[Offer]] = BackendOffer
    generation: ClassVar[JsonObject] = {"max_tokens": 5, "temperature": 0.0}
    media: ClassVar[bool] = False
    """Whether the model of ``settings`` looks at pictures."""
    continuations: ClassVar[Sequence[str]] = ()
    """Scored after "1 + 1 =", where the backend can."""

    @pytest.fixture
    def opened(self) -> Iterator[Any]:
        """The backend with its model loaded."""
        backend = self.make()
        try:
            assert backend.open()
            yield backend
        finally:
            backend.close()

    def requests(self) -> list[Request]:
        """One of each form that the offer's capabilities name, and more of the last."""
        offer, _ = installed().find(BackendOffer, self.offer)
        found = [
            one
            for one in canned.requests(offer, generation=self.generation)
            if self.media or not one.prompt.media
        ]
        found += [
            canned.request(Prompt(text="1 + 1 =", continuation=text), stream=False, seed=None)
            for text in self.continuations
        ]
        return found

    def test_refused(self) -> None:
        """Unknown settings are refused with advice."""
        expect_none(lambda: local.check_refused(self.make()))

    def test_description(self, opened: Any) -> None:
        """Which model it is, where the backend tells."""
        expect_none(lambda: local.check_description(opened))

    def test_answers(self, opened: Any) -> None:
        """Each request once, counted, within its limit, in any order."""
        expect_none(lambda: local.check_answers(opened, self.requests()))
