"""The conformance kit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench.api import Sample, Verdict
from aisbench_testkit.conformance import EvaluatorConformance, Gold, PackagingConformance

OPTIONS = ["red", "green", "blue", "none"]


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-choices"


class TestOptions(EvaluatorConformance):
    offer = "choice"
    sample = Sample(id="test-0", fields={"choices": OPTIONS}, target="B")


class TestCount(EvaluatorConformance):
    offer = "choice"
    settings: ClassVar[Mapping[str, Any]] = {"count": 4}
    gold = (
        Gold(target="B", answer="The answer is (B).", verdict=Verdict.RIGHT, extracted="B"),
        Gold(target="C", answer="答案是B", verdict=Verdict.WRONG, extracted="B"),
        Gold(target="C", answer="A or B", verdict=Verdict.UNPARSED),
    )


class TestAisbench(EvaluatorConformance):
    offer = "choice"
    settings: ClassVar[Mapping[str, Any]] = {"count": 4, "rule": "aisbench-last"}
    gold = (
        Gold(target="D", answer="The answer is B. Done", verdict=Verdict.RIGHT, extracted="D"),
        Gold(target="B", answer="The answer is b", verdict=Verdict.UNPARSED),
    )


class TestFirst(EvaluatorConformance):
    offer = "choice"
    settings: ClassVar[Mapping[str, Any]] = {"count": 4, "rule": "aisbench-first"}
    gold = (Gold(target="B", answer="The answer is B.", verdict=Verdict.WRONG, extracted="T"),)
