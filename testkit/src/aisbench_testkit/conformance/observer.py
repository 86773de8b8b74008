"""What is told how a run goes."""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import ObserverOffer, Offer
from aisbench_testkit.checks import observer
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class ObserverConformance(OfferConformance):
    """Any run can be told, and nothing is written outside the folder."""

    kind: ClassVar[type[Offer]] = ObserverOffer

    def test_any_run(self) -> None:
        """Complete, failed and aborted ones, odd names, a run that goes on."""
        expect_none(lambda: observer.check_observer(self.make))
