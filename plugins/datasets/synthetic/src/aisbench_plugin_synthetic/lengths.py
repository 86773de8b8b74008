"""Lengths, and the distributions that they are drawn from.

All are drawn by the inverse of the cumulative distribution from ``random.random()``, the one
stream that Python keeps the same across its versions.
"""

from __future__ import annotations

import bisect
import math
import random
from array import array
from collections.abc import Callable
from itertools import accumulate
from statistics import NormalDist
from typing import Literal

from attrs import frozen

from aisbench.api import DataError, above, at_least, not_empty, setting

Method = Literal["fixed", "uniform", "normal", "lognormal", "zipf", "percentages"]

# What each method must be given, and what it may be.
_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fixed": (("value",), ()),
    "uniform": (("min", "max"), ()),
    "normal": (("mean", "stddev"), ("min", "max")),
    "lognormal": ((), ("mean", "stddev", "median", "sigma", "min", "max")),
    "zipf": (("alpha", "max"), ("min",)),
    "percentages": (("shares",), ()),
}
_LONGEST = 1 << 24
_LEAST_MASS = 1e-6


@frozen
class Lengths:
    """A distribution of lengths. Each method has keys of its own."""

    method: Method = setting(help="how lengths are drawn")
    value: int | None = setting(
        default=None, check=at_least(1), help="fixed: the length", example=512
    )
    min: int | None = setting(
        default=None, check=at_least(1), help="the shortest; 1 if absent", example=16
    )
    max: int | None = setting(default=None, check=at_least(1), help="the longest", example=4096)
    mean: float | None = setting(
        default=None,
        check=above(0),
        help="normal, lognormal: mean of the lengths before bounds",
        example=512.0,
    )
    stddev: float | None = setting(
        default=None,
        check=above(0),
        help="normal, lognormal: their standard deviation",
        example=128.0,
    )
    median: float | None = setting(
        default=None, check=above(0), help="lognormal, instead of mean: the median", example=512.0
    )
    sigma: float | None = setting(
        default=None,
        check=above(0),
        help="lognormal, with median: deviation of the logarithms",
        example=0.6,
    )
    alpha: float | None = setting(
        default=None,
        check=above(0),
        help="zipf: a length has the weight length ** -alpha",
        example=1.2,
    )
    shares: tuple[tuple[float, ...], ...] | None = setting(
        default=None,
        check=not_empty,
        help="percentages: [length, share in %], ... to 100 in all",
        example=[[128, 50], [1024, 50]],
    )


def problem(lengths: int | Lengths | None) -> str | None:
    """What is wrong with the whole of a setting, as checks say it."""
    if lengths is None:
        return None
    if isinstance(lengths, int):
        return None if 1 <= lengths <= _LONGEST else f"must be between 1 and {_LONGEST}"
    return _keys_problem(lengths) or _values_problem(lengths)


def _keys_problem(lengths: Lengths) -> str | None:
    method = lengths.method
    needed, allowed = _KEYS[method]
    names = ("value", "min", "max", "mean", "stddev", "median", "sigma", "alpha", "shares")
    given = {name for name in names if getattr(lengths, name) is not None}
    if method == "lognormal":
        shape = given - {"min", "max"}
        if shape not in ({"mean", "stddev"}, {"median", "sigma"}):
            return 'must have mean and stddev, or median and sigma, with method "lognormal"'
    if missing := [name for name in needed if name not in given]:
        return f'must have {" and ".join(missing)} with method "{method}"'
    if extra := sorted(given - {*needed, *allowed}):
        return (
            f'must not have {" and ".join(extra)} with method "{method}", '
            f"which takes {', '.join((*needed, *allowed))}"
        )
    return None


def _values_problem(lengths: Lengths) -> str | None:
    if wish := _shares_problem(lengths.shares or ()):
        return wish
    low, high = lowest(lengths), lengths.max
    if high is not None and low > high:
        return f"must have a min of at most max ({low} > {high})"
    if max(lengths.value or 0, high or 0) > _LONGEST:
        return f"must hold no length above {_LONGEST}"
    if lengths.method in ("normal", "lognormal") and _bounds(lengths)[1] < _LEAST_MASS:
        return "must have a min and max that leave something of the distribution"
    return None


def _shares_problem(shares: tuple[tuple[float, ...], ...]) -> str | None:
    for share in shares:
        if len(share) != 2:
            return "must have shares that are pairs, [length, share in %]"
        length, part = share
        if not 1 <= length <= _LONGEST or length != int(length):
            return f"must have lengths that are whole numbers from 1 on in shares ({length:g})"
        if not part > 0:
            return f"must have shares above 0 ({part:g} of length {length:g})"
    total = sum(part for _, part in shares)
    if shares and abs(total - 100) > 0.01:
        return f"must have shares that add up to 100 % ({total:g})"
    return None


def lowest(lengths: int | Lengths) -> int:
    """The shortest length that can come."""
    if isinstance(lengths, int):
        return lengths
    if lengths.method == "fixed":
        return lengths.value or 1
    if lengths.shares:
        return int(min(length for length, _ in lengths.shares))
    return lengths.min or 1


def highest(lengths: int | Lengths) -> int:
    """The longest length that can come."""
    if isinstance(lengths, int):
        return lengths
    if lengths.method == "fixed":
        return lengths.value or 1
    if lengths.shares:
        return int(max(length for length, _ in lengths.shares))
    return lengths.max or _LONGEST


def draw(lengths: int | Lengths, count: int, seed: str) -> array[int]:
    """``count`` lengths; an equal ``seed`` gives equal ones."""
    if wish := problem(lengths):
        raise DataError(f"lengths {wish}")
    source = random.Random(seed)
    if isinstance(lengths, int) or lengths.method == "fixed":
        return array("q", [lowest(lengths)]) * count
    if lengths.shares:
        return _by_share(lengths.shares, count, source)
    one = _inverse(lengths)
    return array("q", (one(source.random()) for _ in range(count)))


def _inverse(lengths: Lengths) -> Callable[[float], int]:
    low, high = lowest(lengths), lengths.max
    if lengths.method == "uniform":
        assert high is not None
        width = high - low + 1
        return lambda chance: low + int(chance * width)
    if lengths.method == "zipf":
        assert high is not None and lengths.alpha is not None
        alpha = lengths.alpha
        # Relative to the smallest, so that no weight is lost to underflow that matters.
        sums = list(accumulate((length / low) ** -alpha for length in range(low, high + 1)))
        return lambda chance: min(low + bisect.bisect_right(sums, chance * sums[-1]), high)
    below, mass = _bounds(lengths)
    normal, logarithmic = _normal(lengths), lengths.method == "lognormal"

    def one(chance: float) -> int:
        # Drawn from what lies between the bounds, so that nothing piles up at them.
        inside = min(max(below + chance * mass, 5e-324), 1 - 2**-53)
        found = normal.inv_cdf(inside)
        length = round(math.exp(min(found, 50.0)) if logarithmic else found)
        return max(low, min(length, high or _LONGEST))

    return one


def _normal(lengths: Lengths) -> NormalDist:
    """The normal distribution of the lengths, or of their logarithms."""
    mean, stddev = lengths.mean, lengths.stddev
    if lengths.method == "normal":
        assert mean is not None and stddev is not None
        return NormalDist(mean, stddev)
    if lengths.median is not None and lengths.sigma is not None:
        return NormalDist(math.log(lengths.median), lengths.sigma)
    assert mean is not None and stddev is not None
    # Moments of the log-normal distribution: mean = exp(mu + s2 / 2), var = (exp(s2) - 1) mean^2.
    variance = math.log1p((stddev / mean) ** 2)
    return NormalDist(math.log(mean) - variance / 2, math.sqrt(variance))


def _bounds(lengths: Lengths) -> tuple[float, float]:
    """The probability below the shortest length, and that of all allowed ones."""
    normal = _normal(lengths)
    ends = (lowest(lengths) - 0.5, (lengths.max or _LONGEST) + 0.5)
    if lengths.method == "lognormal":
        ends = (math.log(ends[0]), math.log(ends[1]))
    below = normal.cdf(ends[0])
    return below, normal.cdf(ends[1]) - below


def _by_share(
    shares: tuple[tuple[float, ...], ...], count: int, source: random.Random
) -> array[int]:
    """Shares as exactly as ``count`` allows (largest remainders), in random order."""
    total = sum(part for _, part in shares)
    exact = [part / total * count for _, part in shares]
    numbers = [int(one) for one in exact]
    by_rest = sorted(range(len(shares)), key=lambda index: numbers[index] - exact[index])
    for index in by_rest[: count - sum(numbers)]:
        numbers[index] += 1
    ordered = [
        int(length) for (length, _), number in zip(shares, numbers, strict=True)
        for _ in range(number)
    ]  # fmt: skip
    return array("q", [ordered[place] for place in shuffled(count, source)])


def shuffled(count: int, source: random.Random) -> list[int]:
    """0 to ``count - 1`` in random order."""
    keys = [source.random() for _ in range(count)]
    return sorted(range(count), key=keys.__getitem__)
