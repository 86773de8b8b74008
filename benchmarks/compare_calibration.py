"""Whether `aisbench compare` raises as many false alarms as it says, and finds what it promises.

    python benchmarks/compare_calibration.py [PAIRS [WORD]]

Of each kind of comparison 400 pairs (or PAIRS) of sides are made without a difference, and the
share that is called a difference at 5 % is counted; and as many with a true difference of the
size that the comparison promises to find with a chance of 80 %, of which the share that is found
is counted. Both stand beside the 95 % binomial interval of the count that is expected. The
intervals of the difference are counted, too: how many hold the true one. WORD chooses kinds whose
name it is in.
"""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Callable, Iterator

import numpy as np
from attrs import frozen

from aisbench_plugin_compare.comparing.contributions import of_values
from aisbench_plugin_compare.comparing.difference import LEVEL, Tested, weighed
from aisbench_plugin_compare.statistics.hierarchy import compare_loads
from aisbench_plugin_compare.statistics.load_draws import sample_of

Floats = np.ndarray
Maker = Callable[[np.random.Generator, float], Tested]
"""Makes a pair of sides whose true difference is given, and tests it."""


@frozen
class Kind:
    name: str
    make: Maker


def binary(rng: np.random.Generator, difference: float) -> Tested:
    """1319 questions, right or wrong; a quarter of them flips."""
    n, flips = 1319, 0.25
    base = rng.random(n) < 0.6
    up, down = (flips + difference) / 2, (flips - difference) / 2
    # A flip is up where the left side was wrong: the rates are of all questions.
    other = np.where(base, rng.random(n) >= down / 0.6, rng.random(n) < up / 0.4)
    return weighed(of_values(base.astype(float), other.astype(float), single=True), 1)


def graded(rng: np.random.Generator, difference: float) -> Tested:
    """300 questions with marks of a judge from 0 to 1, which hang together."""
    n = 300
    ability = rng.normal(0.0, 1.0, n)
    left = 1 / (1 + np.exp(-(ability + rng.normal(0.0, 0.7, n))))
    right = 1 / (1 + np.exp(-(ability + rng.normal(0.0, 0.7, n)))) + difference
    return weighed(of_values(left, right, single=True), 1)


def repeated(rng: np.random.Generator, difference: float) -> Tested:
    """200 questions, 4 answers each on both sides; questions differ much in how hard they are."""
    n, repeats = 200, 4
    chance = rng.beta(0.8, 0.8, n)
    # Each model has its own hard questions: the same mean all the same.
    shift = rng.normal(0.0, 0.12, n)
    one, two = np.clip(chance + shift, 0, 1), np.clip(chance - shift, 0, 1)
    two = np.clip(two + difference * n * _room(two) / _room(two).sum(), 0, 1)
    left = rng.binomial(repeats, one) / repeats
    right = rng.binomial(repeats, two) / repeats
    return weighed(of_values(left, right, single=False), 1)


def _room(chance: Floats) -> Floats:
    """Where a chance may rise without leaving 0..1: a small step of all."""
    return chance * (1 - chance)


def loads(count: int, between: float) -> Maker:
    """TTFT of ``count`` loads a side, 500 requests each, which hang together in time; from load
    to load the mean differs by ``between`` of it."""

    def make(rng: np.random.Generator, difference: float) -> Tested:
        sides = []
        for extra in (0.0, difference):
            side = []
            for _ in range(count):
                level = 100.0 * (1 + between * rng.normal()) + extra
                side.append(sample_of(level + _queueing(rng, 500)))
            sides.append(side)
        found = compare_loads(sides[0], sides[1], None, 1)
        return Tested(low=found.low, high=found.high, p=found.p, smallest=found.smallest)

    return make


def _queueing(rng: np.random.Generator, n: int) -> Floats:
    """Waits that last over some requests: an autoregression with skewed steps."""
    steps = rng.gamma(2.0, 6.0, n) - 12.0
    waits = np.empty(n)
    before = 0.0
    for place, step in enumerate(steps):
        before = 0.6 * before + step
        waits[place] = before
    return waits


KINDS = (
    Kind("right or wrong", binary),
    Kind("graded", graded),
    Kind("repeats, clustered", repeated),
    Kind("performance, 5 loads a side", loads(5, 0.05)),
    Kind("performance, 3 loads a side", loads(3, 0.05)),
    Kind("performance, loads alike", loads(4, 0.0)),
    Kind("performance, 1 load a side", loads(1, 0.0)),
)


def promised(kind: Kind, rng: np.random.Generator) -> float:
    """The root of the mean square of what 200 comparisons of this kind promise to find: a
    variance is what each of them estimates without bias."""
    found = (kind.make(rng, 0.0).smallest for _ in range(200))
    return math.sqrt(
        statistics.fmean(one * one for one in found if one is not None and math.isfinite(one))
    )


def alarms(kind: Kind, difference: float, pairs: int, seed: int) -> Iterator[tuple[bool, bool]]:
    """Of each pair whether it is called a difference, and whether the interval holds the true
    one."""
    rng = np.random.default_rng(seed)
    for _ in range(pairs):
        found = kind.make(rng, difference)
        assert found.p is not None and found.low is not None and found.high is not None
        yield found.p < LEVEL, found.low <= difference <= found.high


def expected(pairs: int, share: float) -> tuple[int, int]:
    """The shortest middle of the binomial counts that holds 95 % of them."""
    total, low, high = 0.0, None, pairs
    for count in range(pairs + 1):
        total += math.comb(pairs, count) * share**count * (1 - share) ** (pairs - count)
        if low is None and total > 0.025:
            low = count
        if total >= 0.975:
            high = count
            break
    return low or 0, high


def main() -> int:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    good = True
    print(f"{'kind':30} {'false alarms':24} {'holds 0':9} {'promised':10} {'found':22} holds it")
    for place, kind in enumerate(KINDS):
        if word not in kind.name:
            continue
        rng = np.random.default_rng(1000 + place)
        size = promised(kind, rng)
        none = list(alarms(kind, 0.0, pairs, 2000 + place))
        some = list(alarms(kind, size, pairs, 3000 + place))
        false, found = sum(one for one, _ in none), sum(one for one, _ in some)
        low, high = expected(pairs, 0.05)
        least, most = expected(pairs, 0.8)
        inside = low <= false <= high
        good &= inside
        mark = "" if inside else " !"
        print(
            f"{kind.name:30} {false / pairs:6.1%} ({false} of {low}-{high}){mark:3} "
            f"{sum(held for _, held in none) / pairs:8.1%} {size:10.4g} "
            f"{found / pairs:7.1%} ({found} of {least}-{most}) "
            f"{sum(held for _, held in some) / pairs:9.1%}"
        )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
