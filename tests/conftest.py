"""Fixtures of the tests that cross packages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import live
import pytest
from live import Project

from aisbench_testkit.project import share_cache


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty folder with an empty home beside it."""
    (tmp_path / "home").mkdir()
    share_cache(tmp_path / "home")
    return Project(tmp_path)


@pytest.fixture
def truth_server() -> Iterator[str]:
    """The url of a server that writes down what it did, and when."""
    with live.truth_server() as url:
        yield url
