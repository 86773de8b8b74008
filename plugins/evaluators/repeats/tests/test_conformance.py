"""The conformance kit on every reducer, with fewer and with as many repeats as it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import PackagingConformance, ReducerConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-repeats"


class TestAccuracy(ReducerConformance):
    offer = "accuracy"
    repeats = 3


class TestPass1(ReducerConformance):
    offer = "pass@k"
    settings: ClassVar[Mapping[str, Any]] = {"k": 1}


class TestPass3(ReducerConformance):
    offer = "pass@k"
    settings: ClassVar[Mapping[str, Any]] = {"k": 3}
    repeats = 5


class TestCons(ReducerConformance):
    offer = "cons@k"
    settings: ClassVar[Mapping[str, Any]] = {"k": 3}
    repeats = 3


class TestConsHalf(ReducerConformance):
    offer = "cons-half@k"
    settings: ClassVar[Mapping[str, Any]] = {"k": 3}
    repeats = 3


class TestAvg(ReducerConformance):
    offer = "avg@n"
    settings: ClassVar[Mapping[str, Any]] = {"n": 2}
    repeats = 3


class TestGPass(ReducerConformance):
    offer = "g-pass@k_tau"
    settings: ClassVar[Mapping[str, Any]] = {"k": 4, "tau": 0.5}
    repeats = 4


class TestMeanGPass(ReducerConformance):
    offer = "mg-pass@k"
    settings: ClassVar[Mapping[str, Any]] = {"k": 4}
    repeats = 5


class TestWorst(ReducerConformance):
    offer = "worst@k"
    settings: ClassVar[Mapping[str, Any]] = {"k": 3}
    repeats = 5


class TestCircular(ReducerConformance):
    offer = "circular"
    repeats = 4
