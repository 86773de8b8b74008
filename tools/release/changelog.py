"""CHANGELOG.md from the fragments in changes/, by towncrier (settings: pyproject.toml)."""

from __future__ import annotations

import sys

from problems import ReleaseError, run
from shared_metadata import ROOT


def check_new(version: str) -> None:
    """Raise ReleaseError for a version that was released already."""
    if f"\n## {version} (" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        raise ReleaseError(
            f"CHANGELOG.md has {version} already: raise version in tools/project.toml"
        )


def draft(version: str) -> str:
    """The entry that would be written. Raises ReleaseError when a fragment is wrong."""
    return _towncrier("--draft", "--version", version)


def write(version: str) -> None:
    """Put the entry into CHANGELOG.md and remove the fragments."""
    _towncrier("--yes", "--version", version)


def _towncrier(*arguments: str) -> str:
    return run(sys.executable, "-m", "towncrier", "build", *arguments, where=ROOT)
