"""Rows in evalplus's own layout, for declared sets: ``rows = { use = "...:rows" }``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from aisbench.api import JsonValue
from aisbench.data import rows_with_raw


def rows(file: Path, split: str, part: str) -> Iterator[Mapping[str, JsonValue]]:
    """The rows of a file; inputs stay JSON as text. Raises DataError."""
    return rows_with_raw(file, ("base_input", "plus_input"))
