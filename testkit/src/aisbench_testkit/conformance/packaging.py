"""The distribution itself."""

from __future__ import annotations

from importlib.metadata import Distribution
from typing import ClassVar

import pytest

from aisbench_testkit.checks import importing, imports, packaging
from aisbench_testkit.conformance.base import Skipping, expect_none, installed


class PackagingConformance(Skipping):
    """``distribution`` is its name, such as ``aisbench-plugin-acme``; it must be installed."""

    distribution: ClassVar[str]

    @property
    def found(self) -> Distribution:
        """What is installed under the name."""
        found = packaging.find(self.distribution)
        if found is None:
            pytest.fail(f"{self.distribution} is not installed: pip install -e .", pytrace=False)
        return found

    def test_names(self) -> None:
        """aisbench-plugin-X holds the package aisbench_plugin_X and the entry point X."""
        expect_none(lambda: packaging.check_names(self.found))

    def test_entry_points(self) -> None:
        """They name modules that state AISBENCH_API."""
        expect_none(lambda: packaging.check_entry_points(self.found))

    def test_metadata(self) -> None:
        """Summary, Python version, the dependency on aisbench."""
        expect_none(lambda: packaging.check_metadata(self.found))

    def test_loads(self) -> None:
        """Discovery finds offers and nothing to complain of."""
        expect_none(lambda: packaging.check_loaded(self.found, installed()))

    def test_light_import(self) -> None:
        """Listing plugins imports nothing heavy."""
        for entry in packaging.entries(self.found):
            expect_none(lambda module=entry.module: importing.check_light(module))  # type: ignore[misc]

    def test_imports_only_the_api(self) -> None:
        """Of core nothing but aisbench.api, of other plugins nothing."""
        for package in packaging.packages(self.found):
            expect_none(lambda package=package: imports.check_imports(package))  # type: ignore[misc]
