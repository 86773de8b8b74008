"""The conformance kit, on made-up rows in the published layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import DatasetConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-bbh"


class TestBbh(DatasetConformance):
    offer = "bbh"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data", "parts": ["navigate", "word_sorting"]}
    snapshots = "snapshots"


class TestBbeh(DatasetConformance):
    offer = "bbeh"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data-bbeh", "parts": ["nycc", "web_of_lies"]}
    snapshots = "snapshots/bbeh"


class TestBbehMini(DatasetConformance):
    offer = "bbeh-mini"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data-bbeh"}
    snapshots = "snapshots/bbeh-mini"
