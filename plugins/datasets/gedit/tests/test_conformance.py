"""The conformance kit, on made-up rows in the published layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from aisbench_testkit.conformance import (
    DatasetConformance,
    LocalBackendConformance,
    PackagingConformance,
)


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-gedit"


class TestGedit(DatasetConformance):
    offer = "gedit"
    settings: ClassVar[Mapping[str, Any]] = {"path": "data"}
    snapshots = "snapshots"


class TestEditedPictures(LocalBackendConformance):
    offer = "edited-pictures"
    settings: ClassVar[Mapping[str, Any]] = {"folder": "data/edited"}
    skips: ClassVar[Mapping[str, str]] = {
        "test_answers": "pictures have no tokens, and belong to rows of gedit: test_gedit.py",
    }
