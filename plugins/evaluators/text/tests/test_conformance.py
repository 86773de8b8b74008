"""The conformance kit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench.api import Sample, Verdict
from aisbench_testkit.conformance import (
    EvaluatorConformance,
    Gold,
    PackagingConformance,
    PostprocessorConformance,
)


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-text"


class TestExact(EvaluatorConformance):
    offer = "exact"
    gold = (
        Gold(target="New York", answer=" the new york. ", verdict=Verdict.RIGHT),
        Gold(target=["NYC", "New York"], answer="New York", verdict=Verdict.RIGHT),
        Gold(target="New York", answer="York", verdict=Verdict.WRONG),
        Gold(target="New York", answer=" ", verdict=Verdict.UNPARSED),
    )


class TestF1(EvaluatorConformance):
    offer = "f1"
    gold = (Gold(target="red fox", answer="a red dog", verdict=Verdict.GRADED),)


class TestDrop(EvaluatorConformance):
    offer = "drop"
    gold = (Gold(target="red fox", answer="a red dog", verdict=Verdict.GRADED),)


class TestRouge(EvaluatorConformance):
    offer = "rouge"
    gold = (Gold(target="red fox", answer="a red dog", verdict=Verdict.GRADED),)


class TestBleu(EvaluatorConformance):
    offer = "bleu"
    gold = (Gold(target="red fox", answer="a red dog", verdict=Verdict.GRADED),)


class TestChrf(EvaluatorConformance):
    offer = "chrf"
    gold = (Gold(target="red fox", answer="a red dog", verdict=Verdict.GRADED),)


class TestComet(EvaluatorConformance):
    offer = "comet"
    skips: ClassVar[Mapping[str, str]] = dict.fromkeys(
        (
            "test_any_answer_gets_the_same_score_every_time",
            "test_references_that_cannot_be_read_are_told_beforehand",
            "test_right_answers_are_above_wrong_ones",
        ),
        "unbabel-comet, with torch, is not among the dependencies: test_comet.py",
    )


class TestPerplexity(EvaluatorConformance):
    offer = "perplexity"
    sample = Sample(id="test-0", fields={"text": "x"})


class TestContinuation(EvaluatorConformance):
    offer = "continuation"
    gold = (
        Gold(target="signs", answer="signs of it", verdict=Verdict.RIGHT),
        Gold(target="signs", answer="marks", verdict=Verdict.WRONG),
    )


class TestFirstLine(PostprocessorConformance):
    offer = "first-line"
    texts: ClassVar[Mapping[str, str | None]] = {"\n one\ntwo": "one", " \n": None}


class TestRegex(PostprocessorConformance):
    offer = "regex"
    settings: ClassVar[Mapping[str, Any]] = {"pattern": "x=(\\d+)"}
    texts: ClassVar[Mapping[str, str | None]] = {"so x=12": "12", "no": None}
