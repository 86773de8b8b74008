"""The conformance kit, under every rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench.api import Verdict
from aisbench_testkit.conformance import EvaluatorConformance, Gold, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-math"


class TestVerify(EvaluatorConformance):
    offer = "math"
    gold = (
        Gold(target="\\frac{1}{2}", answer="It is \\boxed{0.5}.", verdict=Verdict.RIGHT),
        Gold(target="18", answer="The answer is 18.", verdict=Verdict.RIGHT),
        Gold(target="18", answer="\\boxed{17}", verdict=Verdict.WRONG),
        Gold(target="18", answer="I cannot say.", verdict=Verdict.UNPARSED),
    )


class TestBoxed(EvaluatorConformance):
    offer = "math"
    settings: ClassVar[Mapping[str, Any]] = {"rule": "boxed"}
    gold = (Gold(target="18", answer="The answer is 18.", verdict=Verdict.UNPARSED),)


class TestNormalised(EvaluatorConformance):
    offer = "math"
    settings: ClassVar[Mapping[str, Any]] = {"rule": "normalised"}
    gold = (
        Gold(target="\\frac{1}{2}", answer="\\boxed{0.5}", verdict=Verdict.RIGHT),
        Gold(target="\\sqrt{4}", answer="\\boxed{2}", verdict=Verdict.WRONG),
    )
