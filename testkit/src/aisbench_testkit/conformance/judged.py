"""An evaluator that lets another model judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aisbench.api import EvaluatorOffer, Offer, Sample
from aisbench_testkit.checks import judged
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class JudgedEvaluatorConformance(OfferConformance):
    """``sample`` is one that can be judged; ``judgements`` are what its judge may say, of which
    at least one must be readable."""

    kind: ClassVar[type[Offer]] = EvaluatorOffer
    sample: ClassVar[Sample] = judged.SAMPLE
    judgements: ClassVar[Sequence[str]] = ()

    def test_settings_of_the_judge(self) -> None:
        """Which models, how often, and with which settings."""
        expect_none(lambda: judged.check_names(self.make()))

    def test_questions(self) -> None:
        """The judge is shown the answer, and asked the same every time."""
        expect_none(lambda: judged.check_questions(self.make(), self.sample))

    def test_conclusions(self) -> None:
        """A valid score, whatever the judge says."""
        expect_none(lambda: judged.check_conclusions(self.make(), self.sample, self.judgements))
