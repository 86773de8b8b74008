"""Draws of the statistics of loads: requests resampled within loads, and loads among loads."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from aisbench_plugin_compare.sides.side import Floats

BLOCKS = 30
"""A load is cut into so many stretches of time; core's throughputs have as many."""
_CELLS = 4096
"""So many ranks of values are told apart in a draw, the highest ones finest."""


@frozen
class LoadSample:
    """The values of one load, made ready to be drawn from.

    ``edges`` are values in rising order; ``counts[i, b]`` says how many values of block b lie at
    or below ``edges[i]``; ``sums[b]`` and ``sizes[b]`` are of each block.
    """

    values: Floats
    edges: Floats
    counts: Floats
    sums: Floats
    sizes: Floats

    @property
    def blocks(self) -> int:
        return len(self.sizes)


def sample_of(values: Floats, clusters: NDArray[np.int64] | None = None) -> LoadSample:
    """``values`` in the order in which the requests were sent; NaN is not among them.

    A block is a stretch of requests that follow one another, as neighbours share the state of the
    server; a conversation stays in the block in which it begins. Raises ValueError for none.
    """
    n = len(values)
    if not n:
        raise ValueError("a load without values has no statistics")
    count = min(BLOCKS, n)
    if clusters is None:
        block = np.arange(n) * count // n
    else:
        _, first, inverse = np.unique(clusters, return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first, kind="stable"), kind="stable")
        count = min(BLOCKS, len(first))
        block = order[inverse.reshape(-1)] * count // len(first)
    rising = np.sort(values)
    if n <= _CELLS:
        edges = np.unique(rising)
    else:
        half = _CELLS // 2
        ranks = np.concatenate([np.linspace(0, n - 1, half), n - np.geomspace(1, n, half)])
        edges = np.unique(rising[np.unique(ranks.astype(np.int64))])
    place = np.searchsorted(edges, values)
    table = np.zeros((len(edges), count))
    np.add.at(table, (place, block), 1.0)
    return LoadSample(
        values=values,
        edges=edges,
        counts=table.cumsum(axis=0),
        sums=np.bincount(block, weights=values, minlength=count).astype(np.float64),
        sizes=np.bincount(block, minlength=count).astype(np.float64),
    )


def statistic(values: Floats, which: float | None) -> float:
    """The mean (None), or a percentile (0..100) by linear interpolation, as core's."""
    return float(values.mean() if which is None else np.percentile(values, which))


def within(
    sample: LoadSample, which: float | None, draws: int, rng: np.random.Generator
) -> Floats:
    """``draws`` of the statistic, with the blocks of the load drawn with replacement."""
    count = sample.blocks
    times = rng.multinomial(count, np.full(count, 1 / count), draws).astype(np.float64)
    sizes = times @ sample.sizes
    if which is None:
        return np.asarray(times @ sample.sums / sizes, dtype=np.float64)
    below = sample.counts @ times.T
    ranks = which / 100 * (sizes - 1) + 1
    # The first edge at or below which so many values lie: of each draw its number of edges under.
    places = np.count_nonzero(below < ranks, axis=0).clip(max=len(sample.edges) - 1)
    return np.asarray(sample.edges[places], dtype=np.float64)
