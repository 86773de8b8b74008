"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-commonsense"


class TestHellaSwag(DatasetConformance):
    offer = "hellaswag"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/hellaswag"}
    snapshots = "snapshots/hellaswag"


class TestBoolQ(DatasetConformance):
    offer = "boolq"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/boolq"}
    snapshots = "snapshots/boolq"
