"""Fixtures of the tests that cross packages."""

from __future__ import annotations

from pathlib import Path

import pytest
from live import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty folder with an empty home beside it."""
    (tmp_path / "home").mkdir()
    return Project(tmp_path)
