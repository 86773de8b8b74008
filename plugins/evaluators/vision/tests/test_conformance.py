"""The conformance kit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench.api import Sample, Verdict
from aisbench_testkit.conformance import (
    EvaluatorConformance,
    Gold,
    JudgedEvaluatorConformance,
    PackagingConformance,
)

BOX = [20, 30, 120, 150]


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-vision"


class TestVqaSoft(EvaluatorConformance):
    offer = "vqa-soft"
    gold = (Gold(target=["dakota"] * 9 + ["no"], answer="Dakota.", verdict=Verdict.GRADED),)


class TestAnls(EvaluatorConformance):
    offer = "anls"
    gold = (Gold(target="Coca Cola", answer="CocaCola", verdict=Verdict.GRADED),)


class TestRelaxed(EvaluatorConformance):
    offer = "relaxed"
    gold = (
        Gold(target="21.6", answer="21", verdict=Verdict.RIGHT),
        Gold(target="62", answer="62%", verdict=Verdict.WRONG),
    )


class TestContains(EvaluatorConformance):
    offer = "contains"
    gold = (
        Gold(target=["CENTRE"], answer='It says "centre".', verdict=Verdict.RIGHT),
        Gold(target=["CENTRE"], answer="center", verdict=Verdict.WRONG),
    )


class TestBoxIou(EvaluatorConformance):
    offer = "box-iou"
    settings: ClassVar[Mapping[str, Any]] = {"scale": "pixels"}
    gold = (
        Gold(target=BOX, answer="[20, 30, 120, 150]", verdict=Verdict.RIGHT),
        Gold(target=BOX, answer="[120, 30, 220, 150]", verdict=Verdict.WRONG),
        Gold(target=BOX, answer="no box", verdict=Verdict.UNPARSED),
    )


class TestEdits(JudgedEvaluatorConformance):
    offer = "judge-edit"
    settings: ClassVar[Mapping[str, Any]] = {"judge": "gpt", "edited": "data"}
    sample = Sample(id="test-0", fields={"instruction": "Make it blue"})
    skips: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("test_questions", "test_conclusions"),
        "an answer is the name of a picture: test_edits.py",
    )
