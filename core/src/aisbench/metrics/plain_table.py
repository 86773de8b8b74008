"""Tables of plain characters, for the words of other tools."""

from __future__ import annotations

from collections.abc import Sequence


def per(amount: float, seconds: float) -> float:
    """The rate, 0 for no time at all."""
    return float(amount) / seconds if seconds > 0 else 0.0


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of plain characters, the first column to the left."""
    widths = [max(len(line[i]) for line in [heading, *rows]) for i in range(len(heading))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"

    def show(line: Sequence[str]) -> str:
        cells = [
            f" {cell:<{width}} " if i == 0 else f" {cell:>{width}} "
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return "|" + "|".join(cells) + "|"

    return "\n".join([rule, show(heading), rule, *map(show, rows), rule]) + "\n"
