"""A line of a table."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve, frozen


@frozen
class TableRow:
    """One line of the table: what it is, and a cell for each model."""

    dataset: str
    metric: str
    samples: str
    cells: tuple[str, ...]
    counts: bool = False
    """Whether the cells are outcomes in words, and no figures."""

    def said(self, say: Callable[[str], str]) -> TableRow:
        """The same in other words."""
        return evolve(self, metric=say(self.metric), cells=tuple(map(say, self.cells)))
