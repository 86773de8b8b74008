"""A tuner."""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import Offer, TunerOffer
from aisbench_testkit.checks import tuner
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class TunerConformance(OfferConformance):
    """``settings`` as in ``[tune]``, without the keys that every tuner shares."""

    kind: ClassVar[type[Offer]] = TunerOffer

    def test_searches(self) -> None:
        """Points of the space, the same for the same outcomes; refusals are DataError."""
        expect_none(lambda: tuner.check_tuner(self.make))
