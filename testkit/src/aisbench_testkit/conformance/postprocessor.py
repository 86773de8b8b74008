"""A step between an answer and its evaluator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import pytest

from aisbench.api import Offer, PostprocessorOffer, Sample
from aisbench_testkit import canned
from aisbench_testkit.checks import postprocessor, prompting
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class PostprocessorConformance(OfferConformance):
    """``texts`` are answers, and what becomes of them (None: they hold no answer)."""

    kind: ClassVar[type[Offer]] = PostprocessorOffer
    sample: ClassVar[Sample] = prompting.SAMPLE
    texts: ClassVar[Mapping[str, str | None]] = {}
    answers: ClassVar[Sequence[str]] = canned.ANSWERS

    def test_any_answer(self) -> None:
        """A text or None, the same every time."""
        expect_none(
            lambda: postprocessor.check_postprocessor(self.make, self.sample, self.answers)
        )

    def test_known_texts(self) -> None:
        """What the author knows."""
        if not self.texts:
            pytest.skip("no known texts are given: set `texts`")
        made = self.make()
        for text, wanted in self.texts.items():
            assert made.process(text, self.sample) == wanted
