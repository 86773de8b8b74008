"""Templates and retrievers."""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import Offer, RetrieverOffer, Sample, TemplateOffer
from aisbench_testkit.checks import prompting
from aisbench_testkit.conformance.base import OfferConformance, expect_none, installed


class TemplateConformance(OfferConformance):
    """``sample`` is one that the template can render with ``settings``."""

    kind: ClassVar[type[Offer]] = TemplateOffer
    sample: ClassVar[Sample] = prompting.SAMPLE

    def test_prompts(self) -> None:
        """Of the form offered, always the same, no field missing in silence."""
        offer, _ = installed().find(TemplateOffer, self.offer)
        expect_none(lambda: prompting.check_template(self.make(), offer.form, self.sample))


class RetrieverConformance(OfferConformance):
    """It is given a pool of the kit's own."""

    kind: ClassVar[type[Offer]] = RetrieverOffer

    def test_examples(self) -> None:
        """As many as asked for, of the pool, equal ones for equal arguments."""
        expect_none(lambda: prompting.check_retriever(self.make()))
