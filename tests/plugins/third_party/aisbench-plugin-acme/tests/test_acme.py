"""The conformance kit on everything that this plugin offers."""

from __future__ import annotations

from aisbench.api import Prompt, Request, Verdict
from aisbench_testkit.conformance import (
    BackendConformance,
    DatasetConformance,
    EvaluatorConformance,
    Gold,
    PackagingConformance,
    Recorded,
)

_REQUEST = Request(
    key="k",
    sample_id="1+2",
    repeat=0,
    turn=0,
    model="abacus",
    prompt=Prompt(text="What is 1 + 2?"),
    generation={},
    stream=False,
    seed=None,
)


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-acme"


class TestSums(DatasetConformance):
    offer = "acme-sums"


class TestExact(EvaluatorConformance):
    offer = "acme-exact"
    gold = (
        Gold(target="3", answer=" 3\n", verdict=Verdict.RIGHT, extracted="3"),
        Gold(target="3", answer="three", verdict=Verdict.WRONG),
    )


class TestJson(BackendConformance):
    offer = "acme-json"
    recorded = (Recorded(request=_REQUEST, body=b'{"answer": "3 \xe2\x9c\x93"}', text="3 ✓"),)
