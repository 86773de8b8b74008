"""The conformance kit: packaging, what judges are asked, and what is made of what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import JudgedEvaluatorConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-judge"


class TestRating(JudgedEvaluatorConformance):
    offer = "judge-rating"
    settings: ClassVar[Mapping[str, Any]] = {"judge": "gpt"}
    judgements = ("Rating: [[7]]",)


class TestVerdict(JudgedEvaluatorConformance):
    offer = "judge-verdict"
    settings: ClassVar[Mapping[str, Any]] = {"judge": "gpt"}
    judgements = ("It holds. [[RIGHT]]",)


class TestPairwise(JudgedEvaluatorConformance):
    offer = "judge-pairwise"
    settings: ClassVar[Mapping[str, Any]] = {"judge": "gpt", "against": "other"}
    judgements = ("[[A]]",)
