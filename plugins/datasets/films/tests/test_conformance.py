"""The conformance kit, on made-up rows and films in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-films"


class TestVideoMme(DatasetConformance):
    offer = "videomme"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/videomme"}
    snapshots = "snapshots/videomme"


class TestVideoBench(DatasetConformance):
    offer = "videobench"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data/videobench"}
    snapshots = "snapshots/videobench"
