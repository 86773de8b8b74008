"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-agieval"


class TestEnglish(DatasetConformance):
    offer = "agieval-en"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data", "parts": ["aqua-rat", "sat-en"]}
    snapshots = "snapshots/en"


class TestChinese(DatasetConformance):
    offer = "agieval-zh"
    settings: ClassVar[Mapping[str, Any]] = {
        "path": "data",
        "parts": ["gaokao-physics", "logiqa-zh"],
    }
    snapshots = "snapshots/zh"


class TestCloze(DatasetConformance):
    offer = "agieval-cloze"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots/cloze"
