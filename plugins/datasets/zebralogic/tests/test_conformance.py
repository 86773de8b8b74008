"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-zebralogic"


class TestZebraLogic(DatasetConformance):
    offer = "zebralogic"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/zebralogic"}
    snapshots = "snapshots/zebralogic"
