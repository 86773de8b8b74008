"""Expected best and worst of k drawn answers, by order statistics."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, fsum


def expected_best(values: Sequence[float], k: int) -> float:
    """The mean of the maximum over all k-subsets of ``values``.

    With the values in rising order, the i-th (from 1) is the largest of ``C(i-1, k-1)`` of the
    ``C(n, k)`` subsets. For values 0 and 1 with c ones this is ``1 - C(n-c, k) / C(n, k)``,
    the unbiased pass@k of Chen et al. 2021 (arXiv:2107.03374), equation 1.
    """
    n = len(values)
    rising = sorted(values)
    total = fsum(value * comb(i, k - 1) for i, value in enumerate(rising))
    return total / comb(n, k)


def expected_worst(values: Sequence[float], k: int) -> float:
    """The mean of the minimum over all k-subsets of ``values``; ``C(c, k) / C(n, k)`` for 0/1."""
    return 1 - expected_best([1 - value for value in values], k)
