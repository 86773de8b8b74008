"""Keeping a test from changing the environment of the next one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PYTEST_OWN = "PYTEST_"


@contextmanager
def guarded_environment() -> Iterator[list[str]]:
    """Put os.environ back; afterwards the list names the variables that had been changed."""
    changed: list[str] = []
    before = dict(os.environ)
    try:
        yield changed
    finally:
        for name in sorted({*before, *os.environ}):
            if name.startswith(_PYTEST_OWN) or before.get(name) == os.environ.get(name):
                continue
            changed.append(name)
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]
