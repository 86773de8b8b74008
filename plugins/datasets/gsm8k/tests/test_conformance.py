"""The conformance kit, on the demo and on rows in the published layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-gsm8k"


class TestDemo(DatasetConformance):
    offer = "gsm8k-demo"


class TestGsm8k(DatasetConformance):
    offer = "gsm8k"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
