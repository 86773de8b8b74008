"""The paired permutation test: signs of differences flipped at random."""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen

from aisbench_plugin_compare.sides.side import Floats

EXACT = 16
"""So many differences that are not 0 have their 2^16 signs tried one by one."""
DRAWS = 19_999
_LEVELS = 64
"""So many different sizes of differences are drawn as binomial counts, not one by one."""
_AT_ONCE = 4_000_000
"""Signs drawn at once: what bounds the memory."""


@frozen
class PermutationTest:
    """``p`` is two-sided. ``error`` is the standard error of a p that was drawn, None where all
    signs were tried."""

    p: float
    error: float | None
    draws: int


def sign_flips(differences: Floats, seed: int, draws: int = DRAWS) -> PermutationTest:
    """The chance of a sum as far from 0 as that of ``differences``, if each could as well have had
    the other sign: which side an answer is of does not matter when there is no difference.

    A difference is that of a question: its repeats are averaged first, so that they do not count
    as independent. Drawn ones give ``(k + 1)/(draws + 1)`` (B. Phipson and G. Smyth, Statistical
    Applications in Genetics and Molecular Biology 9, 2010), which is never 0.
    """
    sizes = np.abs(differences[differences != 0])
    if not len(sizes):
        return PermutationTest(1.0, None, 1)
    observed = abs(math.fsum(differences))
    # Sums of other order differ in their last digits; those are the same sum.
    reached = observed - 1e-9 * max(observed, float(sizes.max()))
    if len(sizes) <= EXACT:
        return _all_signs(sizes, reached)
    rng = np.random.default_rng(seed)
    levels, counts = np.unique(np.round(sizes, 12), return_counts=True)
    if len(levels) <= _LEVELS:
        sums = np.zeros(draws)
        for level, count in zip(levels, counts, strict=True):
            sums += level * (2.0 * rng.binomial(count, 0.5, draws) - count)
        beyond = int(np.count_nonzero(np.abs(sums) >= reached))
    else:
        beyond = _drawn_signs(sizes, reached, draws, rng)
    p = (beyond + 1) / (draws + 1)
    return PermutationTest(p, math.sqrt(p * (1 - p) / draws), draws)


def _all_signs(sizes: Floats, reached: float) -> PermutationTest:
    sums = np.zeros(1)
    for size in sizes:
        sums = np.concatenate([sums + size, sums - size])
    beyond = int(np.count_nonzero(np.abs(sums) >= reached))
    return PermutationTest(beyond / len(sums), None, len(sums))


def _drawn_signs(sizes: Floats, reached: float, draws: int, rng: np.random.Generator) -> int:
    beyond, left = 0, draws
    at_once = max(1, _AT_ONCE // len(sizes))
    whole = math.fsum(sizes)
    small = sizes.astype(np.float32)
    while left:
        now = min(at_once, left)
        width = -(-len(sizes) // 8)
        bits = np.unpackbits(
            rng.integers(0, 256, (now, width), dtype=np.uint8), axis=1, count=len(sizes)
        )
        sums = 2.0 * (bits.astype(np.float32) @ small).astype(np.float64) - whole
        beyond += int(np.count_nonzero(np.abs(sums) >= reached * (1 - 1e-6)))
        left -= now
    return beyond
