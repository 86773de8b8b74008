"""Installations apart from the one that runs these tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from installations import Installation, build, new_environment

ROOT = Path(__file__).resolve().parents[2]
ACME = Path(__file__).parent / "third_party" / "aisbench-plugin-acme"

collect_ignore = ["third_party"]
"""Its tests need it installed; they are run where it is."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Iterable[Path]], list[Path]]:
    """Builds wheels of folders."""

    def make(folders: Iterable[Path]) -> list[Path]:
        return build(list(folders), tmp_path_factory.mktemp("built"))

    return make


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheels of core, the kit, the reducers and the third party, by folder name."""
    folders = [ROOT / "core", ROOT / "testkit", ROOT / "plugins" / "evaluators" / "repeats", ACME]
    made = build(folders, tmp_path_factory.mktemp("wheels"))
    return dict(zip((folder.name for folder in folders), made, strict=True))


@pytest.fixture(scope="session")
def new_installation(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Installation]:
    """Make a clean virtual environment and install wheels, with what they depend on."""

    def make(*what: object) -> Installation:
        made = new_environment(tmp_path_factory.mktemp("venv"))
        made.install(*what)
        return made

    return make
