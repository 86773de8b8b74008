"""A reducer of scores."""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import Offer, ReducerOffer
from aisbench_testkit.checks import reducer
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class ReducerConformance(OfferConformance):
    """``repeats`` is how many scores of each sample it is given."""

    kind: ClassVar[type[Offer]] = ReducerOffer
    repeats: ClassVar[int] = 1

    def test_figures(self) -> None:
        """In range, between their limits, whatever the order; none without scores."""
        expect_none(lambda: reducer.check_reducer(self.make(), self.repeats))
