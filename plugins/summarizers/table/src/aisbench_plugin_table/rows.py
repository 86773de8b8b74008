"""A line of a table."""

from __future__ import annotations

from attrs import frozen


@frozen
class TableRow:
    """One line of the table: what it is, and a cell for each model."""

    dataset: str
    metric: str
    samples: str
    cells: tuple[str, ...]
