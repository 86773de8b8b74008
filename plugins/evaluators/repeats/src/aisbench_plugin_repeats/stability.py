"""G-Pass@k: how often a share of k answers is right (Liu et al. 2024, arXiv:2412.13147)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, comb, fsum

from aisbench.api import Figure, Score, ScoreGroup
from aisbench_plugin_repeats.figures import make_figure, require
from aisbench_plugin_repeats.settings import K, KTau


def g_pass(n: int, c: int, k: int, m: int) -> float:
    """The chance that at least m of k answers, drawn from n with c right ones, are right.

    ``sum_{j=m}^{min(c, k)} C(c, j) C(n-c, k-j) / C(n, k)``, equation 3 of the paper.
    """
    ways = sum(comb(c, j) * comb(n - c, k - j) for j in range(m, min(c, k) + 1))
    return ways / comb(n, k)


def needed(tau: float, k: int) -> int:
    """How many of k must be right: ``ceil(tau k)``, at least one.

    The small step down keeps a product such as 0.1 * 30 from being rounded up to the next.
    """
    return max(ceil(tau * k - 1e-9), 1)


def _right(scores: Sequence[Score]) -> int:
    return sum(score.value >= 1 for score in scores)


class GPassAtK:
    """Mean over the samples of G-Pass@k at the threshold tau. Right is a value of 1."""

    def __init__(self, settings: KTau) -> None:
        self._k = settings.k
        self._tau = settings.tau

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with fewer than k repeats."""
        k = self._k
        name = f"g-pass@{k}_{self._tau:g}"
        require(groups, name, k)
        m = needed(self._tau, k)

        def estimate(scores: Sequence[Score]) -> float:
            return g_pass(len(scores), _right(scores), k, m)

        return [make_figure(name, groups, estimate)]


class MeanGPassAtK:
    """``2/k sum_{i=ceil(k/2)+1}^{k} G-Pass@k_{i/k}``, equation 5 of the paper."""

    def __init__(self, settings: K) -> None:
        self._k = settings.k

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        """Raises ValueError with fewer than k repeats."""
        k = self._k
        name = f"mg-pass@{k}"
        require(groups, name, k)

        def estimate(scores: Sequence[Score]) -> float:
            n, c = len(scores), _right(scores)
            first = ceil(k / 2) + 1
            return 2 / k * fsum(g_pass(n, c, k, i) for i in range(first, k + 1))

        return [make_figure(name, groups, estimate)]
