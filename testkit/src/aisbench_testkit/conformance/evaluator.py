"""An evaluator of single answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest

from aisbench.api import EvaluatorOffer, Offer, Sample
from aisbench_testkit import canned
from aisbench_testkit.checks import evaluator, ordering
from aisbench_testkit.checks.evaluator import Gold
from aisbench_testkit.conformance.base import OfferConformance, expect_none, installed


class EvaluatorConformance(OfferConformance):
    """``gold`` are answers whose verdict is known; ``sample`` one that the evaluator takes."""

    kind: ClassVar[type[Offer]] = EvaluatorOffer
    gold: ClassVar[Sequence[Gold]] = ()
    sample: ClassVar[Sample | None] = None
    """For evaluators that need fields, or a target unlike those of ``gold``."""
    answers: ClassVar[Sequence[str]] = canned.ANSWERS

    def a_sample(self) -> Sample:
        """One that the evaluator takes."""
        if self.sample is not None:
            return self.sample
        if self.gold:
            return Sample(id="test-0", fields={"question": "?"}, target=self.gold[0].target)
        return evaluator.sample_for(self.make())

    def test_any_answer_gets_the_same_score_every_time(self) -> None:
        """Empty, hostile and long ones, in any order."""
        sample = self.a_sample()
        expect_none(lambda: evaluator.check_answers(self.make, sample, self.answers))

    def test_references_that_cannot_be_read_are_told_beforehand(self) -> None:
        """What check() lets pass can be scored; without it, every reference can."""
        sample = self.a_sample()
        expect_none(lambda: evaluator.check_references(self.make(), sample))

    def test_right_answers_are_above_wrong_ones(self) -> None:
        """However an answer is written."""
        offer, _ = installed().find(EvaluatorOffer, self.offer)
        if offer.reference == "unused":
            pytest.skip("the evaluator reads no reference")
        sample = self.a_sample()
        expect_none(lambda: ordering.check_right_above_wrong(self.make(), sample, self.gold))

    def test_gold(self) -> None:
        """Known answers get their verdicts."""
        if not self.gold:
            pytest.skip("no known answers are given: set `gold`")
        expect_none(lambda: evaluator.check_gold(self.make(), self.gold))
