"""How often Python looks for cycles of dead objects."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """For work that makes very many objects and hardly a cycle: requests, rows of a journal.

    By default each 700 new objects start a search, and again and again one through all of them:
    a fifth of the time of scoring a large run. Cycles that plugins leave behind still go. What is
    there at the beginning is not looked at until the end.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
