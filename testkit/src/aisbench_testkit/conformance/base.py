"""What the classes share: the offer under test, its settings, and skipping with a reason."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from aisbench.api import Offer
from aisbench.plugins.catalog import Catalog, Listed
from aisbench.plugins.discovery import discover
from aisbench_testkit.checks.making import make
from aisbench_testkit.checks.offers import check_offer
from aisbench_testkit.checks.trial import NotChecked


@functools.lru_cache(maxsize=1)
def installed() -> Catalog:
    """Everything that is installed."""
    return discover()


def expect_none(check: Callable[[], list[str]]) -> None:
    """Fail with every problem that ``check`` returns, a line each."""
    try:
        problems = check()
    except NotChecked as reason:
        pytest.skip(str(reason))
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


class Skipping:
    """Tests that do not apply are named with the reason."""

    skips: ClassVar[Mapping[str, str]] = {}
    """Name of a test -> why it does not apply to this plugin."""

    @pytest.fixture(autouse=True)
    def _skip_with_reason(self, request: pytest.FixtureRequest) -> None:
        for name, reason in self.skips.items():
            if not hasattr(self, name):
                pytest.fail(f"skips names {name}, which is not a test here", pytrace=False)
            if not reason.strip():
                pytest.fail(f"skips gives no reason for {name}", pytrace=False)
        if said := self.skips.get(request.node.originalname):
            pytest.skip(said)


class OfferConformance(Skipping):
    """One offer. ``offer`` is its name, or ``distribution/name``; ``settings`` as in a suite."""

    kind: ClassVar[type[Offer]]
    offer: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]] = {}
    """Relative paths in it are taken from the test file's folder."""

    @property
    def listed(self) -> Listed:
        """The offer under test."""
        return installed().find(self.kind, self.offer)[1]

    def make(self) -> Any:
        """A new object of the offer."""
        return make(self.listed, self.settings, self.folder())

    def folder(self) -> Path:
        """Where the test file is."""
        return Path(inspect.getfile(type(self))).parent

    def test_offer_and_settings(self) -> None:
        """Name, summary, target; every setting documented, checkable, expressible."""
        expect_none(lambda: check_offer(self.listed))
