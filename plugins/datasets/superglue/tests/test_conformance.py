"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-superglue"


class TestRTE(DatasetConformance):
    offer = "rte"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/rte"}
    snapshots = "snapshots/rte"


class TestCB(DatasetConformance):
    offer = "cb"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/cb"}
    snapshots = "snapshots/cb"


class TestCopa(DatasetConformance):
    offer = "copa"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/copa"}
    snapshots = "snapshots/copa"


class TestWIC(DatasetConformance):
    offer = "wic"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/wic"}
    snapshots = "snapshots/wic"


class TestWSC(DatasetConformance):
    offer = "wsc"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/wsc"}
    snapshots = "snapshots/wsc"
