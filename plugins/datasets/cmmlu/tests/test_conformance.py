"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-cmmlu"


class TestCmmlu(DatasetConformance):
    offer = "cmmlu"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data",
        "parts": ["agronomy", "chinese_history"],
    }
    snapshots = "snapshots"
