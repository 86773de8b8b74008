"""Right and wrong on the same questions: the test, the interval and the size by counts.

``gained`` questions only the second side has right, ``lost`` ones only the first, of ``n``.
"""

from __future__ import annotations

import math

from aisbench_plugin_compare.statistics.normal import normal_quantile


def mcnemar(gained: int, lost: int) -> float:
    """The exact two-sided p of McNemar's test: of ``gained + lost`` fair coins as uneven a split
    or a more uneven one (Q. McNemar, Psychometrika 12, 1947; exact by the binomial)."""
    flips = gained + lost
    least = min(gained, lost)
    if 2 * least == flips:
        return 1.0
    # Summed from the largest term by ratios, in logarithms: 0.5^flips may be below any float.
    log_term = (
        math.lgamma(flips + 1) - math.lgamma(least + 1) - math.lgamma(flips - least + 1)
        - flips * math.log(2)
    )  # fmt: skip
    total, ratio, k = 1.0, 1.0, least
    while k > 0 and ratio > 1e-18 * total:
        ratio *= k / (flips - k + 1)
        total += ratio
        k -= 1
    return min(1.0, 2 * math.exp(log_term) * total)


def tango_interval(gained: int, lost: int, n: int, alpha: float = 0.05) -> tuple[float, float]:
    """The score interval of the difference of two paired proportions, in -1..1 (T. Tango,
    Statistics in Medicine 17, 1998): all differences that the score test does not refuse.

    It is right also where there are few flips, or none.
    """
    z = normal_quantile(1 - alpha / 2)
    centre = (gained - lost) / n

    def score(delta: float) -> float:
        b = -(gained + lost) + (2 * n - gained + lost) * delta
        c = -lost * delta * (1 - delta)
        cell = (math.sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
        variance = n * (2 * cell + delta * (1 - delta))
        above = gained - lost - n * delta
        if variance <= 0:
            return math.copysign(math.inf, above) if above else 0.0
        return above / math.sqrt(variance)

    def edge(inside: float, outside: float, limit: float) -> float:
        sign = 1 if limit > 0 else -1
        for _ in range(80):
            middle = (inside + outside) / 2
            if sign * score(middle) <= abs(limit):
                inside = middle
            else:
                outside = middle
        return inside

    low = edge(centre, -1.0, z) if centre > -1 else -1.0
    high = edge(centre, 1.0, -z) if centre < 1 else 1.0
    return low, high


def smallest_paired(
    gained: int, lost: int, n: int, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest difference, 0..1, that ``n`` pairs with as many flips would have found.

    It solves ``n δ² = (z(1-alpha/2) sqrt(ψ) + z(power) sqrt(ψ - δ²))²`` for δ, with ψ the share of
    flips (R. Connor, "Sample size for testing differences in proportions for the paired-sample
    design", Biometrics 43, 1987, equation for McNemar's test). It is never less than the fewest
    flips, all one way, that the exact test calls a difference, and ψ is never less than δ.
    """
    shift, reach = normal_quantile(1 - alpha / 2), normal_quantile(power)
    fewest = next(k for k in range(1, 200) if 2 * 0.5**k <= alpha)
    share = (gained + lost) / n
    low, high = 0.0, 1.0
    for _ in range(60):
        delta = (low + high) / 2
        psi = max(share, delta)
        needed = (shift * math.sqrt(psi) + reach * math.sqrt(max(psi - delta * delta, 0.0))) ** 2
        if n * delta * delta >= needed:
            high = delta
        else:
            low = delta
    return min(1.0, max(high, fewest / n))
