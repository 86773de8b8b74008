"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-clue"


class TestFewBustm(DatasetConformance):
    offer = "fewclue-bustm"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/bustm"}
    snapshots = "snapshots/fewclue-bustm"


class TestFewChid(DatasetConformance):
    offer = "fewclue-chid"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/chid"}
    snapshots = "snapshots/fewclue-chid"


class TestFewCluewsc(DatasetConformance):
    offer = "fewclue-cluewsc"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/cluewsc"}
    snapshots = "snapshots/fewclue-cluewsc"


class TestFewCsl(DatasetConformance):
    offer = "fewclue-csl"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/csl"}
    snapshots = "snapshots/fewclue-csl"


class TestFewEprstmt(DatasetConformance):
    offer = "fewclue-eprstmt"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/eprstmt"}
    snapshots = "snapshots/fewclue-eprstmt"


class TestFewTnews(DatasetConformance):
    offer = "fewclue-tnews"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/tnews"}
    snapshots = "snapshots/fewclue-tnews"


class TestOcnli(DatasetConformance):
    offer = "ocnli"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/ocnli"}
    snapshots = "snapshots/ocnli"


class TestCmnli(DatasetConformance):
    offer = "cmnli"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/cmnli"}
    snapshots = "snapshots/cmnli"


class TestAfqmc(DatasetConformance):
    offer = "afqmc"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/afqmc"}
    snapshots = "snapshots/afqmc"


class TestC3(DatasetConformance):
    offer = "c3"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/c3"}
    snapshots = "snapshots/c3"


class TestCmrc(DatasetConformance):
    offer = "cmrc"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/cmrc"}
    snapshots = "snapshots/cmrc"
