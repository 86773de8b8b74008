"""The conformance kit, on made-up rows in VLMEvalKit's layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-refcoco"


class TestRefCoco(DatasetConformance):
    offer = "refcoco"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/refcoco"


class TestRefCocoPlus(DatasetConformance):
    offer = "refcoco-plus"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/refcoco-plus"


class TestRefCocoG(DatasetConformance):
    offer = "refcocog"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/refcocog"
