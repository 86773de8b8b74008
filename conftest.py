"""What all tests of the repository have in common."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

pytest_plugins = ["tools.parts"]

# Programs that tests start keep their bytecode: without it each compiles all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes says more of the other processes than of the code. A test that is
# about time measures it itself.
settings.register_profile("all", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=25)


def pytest_configure(config: pytest.Config) -> None:
    """Fewer examples in `dev.py test --quick`, where a test does not say how many."""
    settings.load_profile("quick" if config.getoption("part") == "quick" else "all")
