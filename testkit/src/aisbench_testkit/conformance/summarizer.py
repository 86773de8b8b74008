"""A form of report."""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import Offer, SummarizerOffer
from aisbench_testkit.checks import summarizer
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class SummarizerConformance(OfferConformance):
    """Any result is shown, and nothing is written outside the folder."""

    kind: ClassVar[type[Offer]] = SummarizerOffer

    def test_any_result(self) -> None:
        """No task, failures, odd names; twice the same."""
        expect_none(lambda: summarizer.check_summarizer(self.make))
