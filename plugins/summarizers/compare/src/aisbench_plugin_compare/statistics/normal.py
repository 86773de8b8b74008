"""Quantiles and tails of the normal and of Student's distribution."""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def normal_quantile(p: float) -> float:
    """The value below which a standard normal lies with probability ``p``, 0 < p < 1."""
    return _NORMAL.inv_cdf(p)


def normal_below(value: float) -> float:
    """The probability that a standard normal lies below ``value``."""
    return _NORMAL.cdf(value)


def student_below(value: float, degrees: float) -> float:
    """The probability that Student's t with ``degrees`` (any above 0) lies below ``value``.

    ``1 - I_x(v/2, 1/2)/2`` with x = v/(v + t²), for t >= 0.
    """
    if math.isinf(degrees):
        return normal_below(value)
    tail = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + value * value)) / 2
    return 1 - tail if value >= 0 else tail


def student_quantile(p: float, degrees: float) -> float:
    """The inverse of :func:`student_below`, by bisection."""
    if math.isinf(degrees):
        return normal_quantile(p)
    if p == 0.5:
        return 0.0
    if p < 0.5:
        return -student_quantile(1 - p, degrees)
    low, high = 0.0, 1.0
    while student_below(high, degrees) < p:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if student_below(middle, degrees) < p:
            low = middle
        else:
            high = middle
        if high - low <= 1e-13 * high:
            break
    return (low + high) / 2


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Abramowitz and Stegun
    26.5.8), evaluated by the modified Lentz method."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    log_front = (
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log1p(-x)
    )  # fmt: skip
    return math.exp(log_front) / a * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    value = d
    for m in range(1, 500):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + term * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + term / c
            c = c if abs(c) > tiny else tiny
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value
