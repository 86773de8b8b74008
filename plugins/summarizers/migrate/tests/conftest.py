"""Suites of command lines, for all tests of this package."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.inputs import drafts_of
from aisbench_plugin_migrate.mend import mended
from aisbench_plugin_migrate.options import FlagValues

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Migrated = Callable[..., Draft]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return discover()


@pytest.fixture(autouse=True)
def one_catalog(monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> None:
    """What is installed stays the same while these tests run: it is looked at once."""
    monkeypatch.setattr("aisbench.runs.checking.discover", lambda disable=(): catalog)


@pytest.fixture
def migrated() -> Migrated:
    """The draft of a command line or of files, mended; its suite is planned without a problem."""

    def migrate(
        *given: str, inputs: tuple[str, ...] = (), options: FlagValues | None = None
    ) -> Draft:
        words = given[0].split() if len(given) == 1 else list(given)
        (draft,) = drafts_of(inputs, words if given else (), FlagValues())
        assert mended(draft) == (), draft.text()
        assert tomllib.loads(draft.text()) == draft.tables()
        return draft

    return migrate
