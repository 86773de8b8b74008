"""Where a series of figures changes its level."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from aisbench_plugin_compare.sides.side import Floats

_DRAWS = 1_999
_LEVEL = 0.05
FEWEST = 6
"""With fewer values no order of them is rare enough to tell a change."""


@frozen(kw_only=True)
class ChangePoint:
    """From ``place`` on the values have another level: ``before`` and ``after`` are the means of
    the stretches around it, which begin at ``begin`` and end before ``end``."""

    place: int
    begin: int
    end: int
    before: float
    after: float
    p: float


def change_points(values: Sequence[float], seed: int = 0) -> list[ChangePoint]:
    """All of them, in order.

    A stretch is parted where the means of both parts differ most, in units of the spread of such
    differences, ``|a - b| sqrt(i j / n)``; it is a change where fewer than 5 % of random orders of
    the same values have one as large (D. Matteson and N. James, "A nonparametric approach for
    multiple change point analysis of multivariate data", JASA 109, 2014, with means for their
    energy distance). Both parts are looked at in turn.
    """
    found = _parted(np.asarray(values, dtype=np.float64), 0, np.random.default_rng(seed))
    edges = [0, *(place for place, _ in found), len(values)]
    return [
        ChangePoint(
            place=place,
            begin=edges[i],
            end=edges[i + 2],
            before=math.fsum(values[edges[i] : place]) / (place - edges[i]),
            after=math.fsum(values[place : edges[i + 2]]) / (edges[i + 2] - place),
            p=p,
        )
        for i, (place, p) in enumerate(found)
    ]


def _parted(values: Floats, start: int, rng: np.random.Generator) -> list[tuple[int, float]]:
    n = len(values)
    if n < FEWEST or float(np.ptp(values)) <= 1e-12 * float(np.abs(values).max()):
        return []
    sizes = _sizes(values[None])[0]
    best = int(sizes.argmax())
    orders = rng.permuted(np.tile(values, (_DRAWS, 1)), axis=1)
    largest = _sizes(orders).max(axis=1)
    # Rounded: the same split of the same values has the same size in any order.
    p = (1 + int(np.count_nonzero(largest >= sizes[best] * (1 - 1e-9)))) / (_DRAWS + 1)
    if p >= _LEVEL:
        return []
    place = best + 1
    return [
        *_parted(values[:place], start, rng),
        (start + place, p),
        *_parted(values[place:], start + place, rng),
    ]


def _sizes(rows: Floats) -> Floats:
    """Of each row and each place to part it the size of the difference."""
    n = rows.shape[1]
    first = np.arange(1, n)
    sums = rows.cumsum(axis=1)
    left = sums[:, :-1] / first
    right = (sums[:, -1:] - sums[:, :-1]) / (n - first)
    sizes: Floats = np.abs(left - right) * np.sqrt(first * (n - first) / n)
    return sizes
