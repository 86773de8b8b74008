"""Standard errors and confidence intervals of means of values in 0..1."""

from __future__ import annotations

import math
from collections.abc import Sequence

from attrs import frozen

Z95 = 1.959963984540054
"""The normal distribution's 97.5 % quantile."""


@frozen(kw_only=True)
class Interval:
    """A mean with its standard error and 95 % confidence interval, all in 0..1."""

    mean: float
    stderr: float | None
    """None for one sample, which has no spread."""
    low: float
    high: float
    method: str


def wilson(mean: float, n: float) -> tuple[float, float]:
    """The Wilson score interval of a proportion ``mean`` seen in ``n`` trials.

    ``(p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)``, E. B. Wilson, "Probable inference,
    the law of succession, and statistical inference", JASA 22 (1927).
    """
    z2 = Z95 * Z95
    centre = mean + z2 / (2 * n)
    spread = Z95 * math.sqrt(mean * (1 - mean) / n + z2 / (4 * n * n))
    scale = 1 + z2 / n
    # Rounding may put an end a hair inside the mean when that is 0 or 1.
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return max(0.0, min(mean, low)), min(1.0, max(mean, high))


def student_t(degrees: int) -> float:
    """The 97.5 % quantile of Student's distribution, to 0.1 % from 3 degrees on.

    Exact for 1 and 2 degrees; else the expansion of Abramowitz and Stegun, 26.7.5.
    """
    if degrees == 1:
        return math.tan(0.475 * math.pi)
    if degrees == 2:
        return 0.95 / math.sqrt(2 * 0.975 * 0.025)
    z, v = Z95, float(degrees)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def mean_interval(values: Sequence[float]) -> Interval:
    """The interval of the mean of independent ``values`` in 0..1, one value a sample.

    With repeats, a sample's value is the mean over its repeats, which makes the standard error
    ``sd(values)/sqrt(n)`` the cluster-robust one (Miller, "Adding Error Bars to Evals", 2024,
    section 2.2, for clusters of one size). Right-or-wrong values give the Wilson interval;
    others the Wilson interval at the effective sample size ``m(1-m)/stderr²``, lowered by
    ``(z/t)²`` with Student's t at n-1 degrees because stderr is itself estimated (Korn and
    Graubard, "Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data", Survey Methodology 24, 1998). It is never taken below
    n, which one answer a sample would give, and the interval stays inside 0..1. Raises
    ValueError without values.
    """
    n = len(values)
    if not n:
        raise ValueError("there is no value to make a mean of")
    mean = math.fsum(values) / n
    binary = all(value in (0.0, 1.0) for value in values)
    if n == 1:
        low, high = wilson(mean, 1)
        return Interval(mean=mean, stderr=None, low=low, high=high, method="wilson")
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    stderr = math.sqrt(variance / n)
    effective = float(n)
    if not binary and variance > 0 and 0 < mean < 1:
        adjusted = mean * (1 - mean) / (stderr * stderr) * (Z95 / student_t(n - 1)) ** 2
        effective = max(effective, adjusted)
    low, high = wilson(mean, effective)
    method = "wilson" if binary else "wilson, clustered"
    return Interval(mean=mean, stderr=stderr, low=low, high=high, method=method)
