"""How often Python collects cycles of dead objects."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """For work that makes very many objects and few cycles, such as requests and rows of a
    journal.

    By default every 700 new objects start a collection, some of which go through all objects:
    that takes a fifth of the time of scoring a large run. Cycles that plugins leave behind are
    still collected. Objects that exist at the beginning are left alone until the end.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
