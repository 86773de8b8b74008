"""The conformance kit, on made-up sounds in the published layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-sounds"


class TestVocalSound(DatasetConformance):
    offer = "vocalsound"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/vocalsound"
