"""Several tests at once."""

from __future__ import annotations

from collections.abc import Sequence


def holm(values: Sequence[float]) -> list[float]:
    """The p values adjusted so that the chance of any false alarm among them stays below the
    level (S. Holm, Scandinavian Journal of Statistics 6, 1979): the i-th smallest of m times
    ``m - i + 1``, never below a smaller one's, at most 1."""
    order = sorted(range(len(values)), key=values.__getitem__)
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return adjusted
