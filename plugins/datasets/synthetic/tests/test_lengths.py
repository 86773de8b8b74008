"""Distributions of lengths."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from typing import Any

import pytest

from aisbench.api import DataError
from aisbench_plugin_synthetic.lengths import Lengths, draw, lowest, problem

COUNT = 20_000


def drawn(**keys: Any) -> list[int]:
    return list(draw(Lengths(**keys), COUNT, "seed"))


def test_fixed() -> None:
    assert list(draw(7, 3, "s")) == list(draw(Lengths(method="fixed", value=7), 3, "s")) == [7] * 3


def test_uniform() -> None:
    counts = Counter(drawn(method="uniform", min=10, max=19))
    assert set(counts) == set(range(10, 20))
    assert all(abs(one - COUNT / 10) < 200 for one in counts.values())
    assert set(drawn(method="uniform", min=4, max=4)) == {4}


def test_normal() -> None:
    found = drawn(method="normal", mean=500, stddev=50)
    assert abs(statistics.fmean(found) - 500) < 1.5
    assert abs(statistics.stdev(found) - 50) < 1.5


def test_nothing_piles_up_at_the_bounds() -> None:
    counts = Counter(drawn(method="normal", mean=100, stddev=50, min=80, max=120))
    assert set(counts) == set(range(80, 121))
    assert max(counts.values()) < 2 * min(counts.values())


@pytest.mark.parametrize("bounds", [{"min": 700}, {"max": 300}, {"min": 400, "max": 405}])
def test_bounds_far_from_the_mean_hold(bounds: Any) -> None:
    found = drawn(method="normal", mean=500, stddev=50, **bounds)
    assert min(found) >= bounds.get("min", 1)
    assert max(found) <= bounds.get("max", 1000)


def test_lognormal_by_its_mean() -> None:
    found = drawn(method="lognormal", mean=800, stddev=400)
    assert abs(statistics.fmean(found) - 800) < 12
    assert abs(statistics.stdev(found) - 400) < 15


def test_lognormal_by_its_median() -> None:
    found = drawn(method="lognormal", median=1000, sigma=0.5)
    assert abs(statistics.median(found) - 1000) < 15
    assert abs(statistics.stdev(map(math.log, found)) - 0.5) < 0.01
    far = drawn(method="lognormal", median=9, sigma=2, min=900, max=950)
    assert all(900 <= one <= 950 for one in far)


def test_zipf() -> None:
    counts = Counter(drawn(method="zipf", alpha=1.5, max=1000))
    assert abs(counts[1] / counts[2] - 2**1.5) < 0.2
    assert abs(counts[1] / counts[4] - 4**1.5) < 0.8
    assert max(counts) > 500
    far = Counter(drawn(method="zipf", alpha=8.0, min=1000, max=1003))
    assert set(far) == {1000, 1001, 1002, 1003}


def test_percentages_are_exact() -> None:
    shares = ((64, 33.3), (128, 33.3), (2000, 33.4))
    found = draw(Lengths(method="percentages", shares=shares), 10, "s")
    assert Counter(found) == {64: 3, 128: 3, 2000: 4}
    ordered = draw(Lengths(method="percentages", shares=((1, 50.0), (2, 50.0))), 1000, "s")
    assert Counter(ordered) == {1: 500, 2: 500}
    assert 150 < Counter(ordered[:500])[1] < 350


def test_the_seed_decides() -> None:
    lengths = Lengths(method="zipf", alpha=1.1, max=50)
    assert draw(lengths, 100, "a") == draw(lengths, 100, "a") != draw(lengths, 100, "b")
    assert draw(lengths, 50, "a") == draw(lengths, 100, "a")[:50]


def test_lengths_never_change() -> None:
    """Written down: another way to draw would change every workload."""
    assert list(draw(Lengths(method="normal", mean=100, stddev=30), 5, "0/input")) == NORMAL
    assert list(draw(Lengths(method="uniform", min=1, max=1000), 5, "0/input")) == UNIFORM


NORMAL = [111, 56, 118, 140, 77]
UNIFORM = [638, 70, 729, 910, 221]


@pytest.mark.parametrize(
    ("keys", "wish"),
    [
        ({"method": "fixed"}, 'must have value with method "fixed"'),
        ({"method": "uniform", "min": 3}, 'must have max with method "uniform"'),
        ({"method": "uniform", "min": 5, "max": 3}, "must have a min of at most max"),
        ({"method": "uniform", "min": 1, "max": 3, "mean": 2.0}, "must not have mean"),
        ({"method": "normal", "mean": 2.0}, 'must have stddev with method "normal"'),
        ({"method": "lognormal", "mean": 2.0}, "must have mean and stddev, or median and sigma"),
        ({"method": "lognormal", "mean": 2.0, "sigma": 1.0}, "must have mean and stddev, or"),
        ({"method": "zipf", "alpha": 2.0}, 'must have max with method "zipf"'),
        ({"method": "percentages"}, 'must have shares with method "percentages"'),
        ({"method": "percentages", "shares": ((5.0, 90.0),)}, "must have shares that add up"),
        ({"method": "percentages", "shares": ((5.0,),)}, "must have shares that are pairs"),
        ({"method": "percentages", "shares": ((5.5, 100.0),)}, "must have lengths that are whole"),
        ({"method": "percentages", "shares": ((0.0, 100.0),)}, "must have lengths that are whole"),
        ({"method": "percentages", "shares": ((5.0, -1.0),)}, "must have shares above 0"),
        ({"method": "fixed", "value": 1 << 30}, "must hold no length above"),
        (
            {"method": "normal", "mean": 10.0, "stddev": 1.0, "min": 900},
            "must have a min and max that leave something",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_distribution(keys: Any, wish: str) -> None:
    found = problem(Lengths(**keys))
    assert found is not None
    assert found.startswith(wish)
    with pytest.raises(DataError, match="lengths must"):
        draw(Lengths(**keys), 1, "s")


def test_the_shortest() -> None:
    assert lowest(5) == 5
    assert lowest(Lengths(method="fixed", value=6)) == 6
    assert lowest(Lengths(method="normal", mean=9.0, stddev=1.0)) == 1
    assert lowest(Lengths(method="zipf", alpha=1.0, min=3, max=9)) == 3
    assert lowest(Lengths(method="percentages", shares=((9.0, 50.0), (4.0, 50.0)))) == 4
