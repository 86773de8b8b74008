"""Bootstrap intervals of differences between paired questions."""

from __future__ import annotations

import math

import numpy as np

from aisbench_plugin_compare.sides.side import Floats
from aisbench_plugin_compare.statistics.normal import (
    normal_below,
    normal_quantile,
    student_quantile,
)

DRAWS = 2_000
_AT_ONCE = 4_000_000
_LEVELS = 64


def expanded(alpha: float, n: float) -> float:
    """The tail of a percentile interval that is as wide as Student's interval would be.

    Percentile intervals are too narrow by ``sqrt((n-1)/n)`` and use the normal's quantile; T.
    Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69
    (2015), section 4.3: ``alpha' = Φ(-sqrt(n/(n-1)) t(1-alpha/2, n-1))``.
    """
    scale = math.sqrt(n / (n - 1))
    return normal_below(-scale * student_quantile(1 - alpha / 2, n - 1))


def mean_interval(
    differences: Floats, seed: int, alpha: float = 0.05, draws: int = DRAWS
) -> tuple[float, float]:
    """The interval of the mean of independent ``differences``, one a question; at least two.

    Raises ValueError for fewer.
    """
    n = len(differences)
    if n < 2:
        raise ValueError("an interval needs two differences")
    rng = np.random.default_rng(seed)
    levels, counts = np.unique(np.round(differences, 12), return_counts=True)
    if len(levels) <= _LEVELS:
        means = rng.multinomial(n, counts / n, draws) @ levels / n
    else:
        means = np.concatenate(
            [chunk.mean(axis=1) for chunk in _resampled(differences, rng, draws)]
        )
    return _ends(means, expanded(alpha, n))


def _resampled(values: Floats, rng: np.random.Generator, draws: int) -> list[Floats]:
    n = len(values)
    at_once = max(1, _AT_ONCE // n)
    return [
        values[rng.integers(0, n, (min(at_once, draws - start), n), dtype=np.int32)]
        for start in range(0, draws, at_once)
    ]


def _ends(draws: Floats, tail: float) -> tuple[float, float]:
    low, high = np.quantile(draws, [tail, 1 - tail])
    return float(low), float(high)


def smallest_mean(stderr: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest difference of means that would have been found with this standard error:
    ``(z(1-alpha/2) + z(power)) · stderr`` (H. Bloom, "Minimum detectable effects", Evaluation
    Review 19, 1995; for evaluations of models E. Miller, "Adding error bars to evals", 2024,
    section 5).
    """
    return (normal_quantile(1 - alpha / 2) + normal_quantile(power)) * stderr
