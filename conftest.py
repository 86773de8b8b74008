"""What all tests of the repository have in common."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session", autouse=True)
def plugins_are_found_once() -> Iterator[None]:
    """Data sets that tests open, and runs that they begin, in this process look for the installed
    plugins once, and again where `sys.path`, what lies there, or what is disabled has changed:
    a fifth of a second each time, of thousands."""
    from aisbench.config import open_offer
    from aisbench.plugins.discovery import DISABLE_VARIABLE, discover
    from aisbench.runs import library

    @functools.lru_cache(maxsize=8)
    def found(disable: tuple[str, ...], *state: Any) -> Any:
        return discover(disable)

    def looked_for(disable: Iterable[str] = ()) -> Any:
        places = tuple((one, _changed(one)) for one in sys.path)
        return found(tuple(disable), places, os.environ.get(DISABLE_VARIABLE, ""))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_offer, "discover", looked_for)
        patch.setattr(library, "discover", looked_for)
        yield


def _changed(place: str) -> int:
    try:
        return Path(place).stat().st_mtime_ns
    except OSError:
        return 0
