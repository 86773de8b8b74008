"""The conformance kit, under every rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench.api import Verdict
from aisbench_testkit.conformance import EvaluatorConformance, Gold, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-numeric"


class TestLenient(EvaluatorConformance):
    offer = "numeric"
    gold = (
        Gold(target="18", answer="9 * 2 = 18\n#### 18", verdict=Verdict.RIGHT, extracted="18"),
        Gold(target="1234", answer="The answer is $1,234.00.", verdict=Verdict.RIGHT),
        Gold(target="18", answer="#### 17", verdict=Verdict.WRONG, extracted="17"),
        Gold(target="18", answer="I cannot say.", verdict=Verdict.UNPARSED),
    )


class TestStrict(EvaluatorConformance):
    offer = "numeric"
    settings: ClassVar[Mapping[str, Any]] = {"rule": "strict"}
    gold = (
        Gold(target="18", answer="#### 18", verdict=Verdict.RIGHT),
        Gold(target="18", answer="She makes 9 * 2 = 18", verdict=Verdict.UNPARSED),
    )


class TestAisbench(EvaluatorConformance):
    offer = "numeric"
    settings: ClassVar[Mapping[str, Any]] = {"rule": "aisbench"}
    gold = (
        Gold(target="18", answer="She makes 9 * 2 = 18", verdict=Verdict.RIGHT),
        Gold(target="18", answer="#### 17", verdict=Verdict.WRONG),
    )
