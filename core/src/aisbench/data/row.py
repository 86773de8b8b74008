"""A row of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen


@frozen
class Row:
    """One row; ``place`` is file and line (or row), for messages."""

    place: str
    cells: Mapping[str, Any]
