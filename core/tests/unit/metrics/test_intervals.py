"""Confidence intervals against published values, hand computation and simulation."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.metrics.intervals import Z95, mean_interval, student_t, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits / n, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson(1 - hits / n, n) == pytest.approx((1 - high, 1 - low), abs=5e-5)


def test_wilson_by_hand() -> None:
    # p = 0.5, n = 4: centre 0.5, half width z/2 / sqrt(4 + z²) = 0.349961.
    assert wilson(0.5, 4) == pytest.approx((0.150039, 0.849961), abs=1e-6)
    # All right: from n / (n + z²) to 1.
    assert wilson(1.0, 10) == pytest.approx((10 / (10 + 3.841459), 1.0))


def test_z_is_the_normal_quantile() -> None:
    assert 0.5 * (1 + math.erf(Z95 / math.sqrt(2))) == pytest.approx(0.975, abs=1e-15)


def test_right_or_wrong() -> None:
    made = mean_interval([1.0] * 8 + [0.0] * 2)
    assert made.mean == 0.8
    # sd² = 10/9 * 0.8 * 0.2, over n.
    assert made.stderr == pytest.approx(math.sqrt(0.16 / 9))
    assert (made.low, made.high) == wilson(0.8, 10)
    assert made.method == "wilson"


def test_repeats_narrow_the_interval_by_what_they_tell() -> None:
    # Sample means 0.4, 0.6, eight times each: sd² = 0.01 * 16/15, stderr² = 0.01/15; effective
    # n = 0.25 / stderr² = 375, times (1.96 / 2.1314)² for 15 degrees of freedom.
    made = mean_interval([0.4, 0.6] * 8)
    assert made.mean == 0.5
    assert made.stderr == pytest.approx((0.01 / 15) ** 0.5)
    assert (made.low, made.high) == pytest.approx(
        wilson(0.5, 375 * (Z95 / 2.1314495) ** 2), rel=1e-4
    )
    assert made.method == "wilson, clustered"


def test_repeats_that_agree_tell_no_more_than_the_samples() -> None:
    # 0/1 means although repeats were made: the effective size is that of the samples.
    assert mean_interval([1.0, 0.0, 1.0, 1.0]).high == wilson(0.75, 4)[1]
    # A spread wider than right-or-wrong cannot be; it never falls below n.
    made = mean_interval([1.0, 0.0, 1.0, 0.01])
    assert (made.low, made.high) == wilson(made.mean, 4)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_equal_values_are_not_certain(value: float) -> None:
    made = mean_interval([value] * 20)
    assert (made.low, made.high) == wilson(value, 20)
    assert made.high - made.low > 0.1
    assert made.stderr == 0


def test_one_value() -> None:
    made = mean_interval([1.0])
    assert made.stderr is None
    assert made.low == pytest.approx(1 / (1 + Z95**2))
    assert made.high == pytest.approx(1.0)


def test_no_value() -> None:
    with pytest.raises(ValueError, match="no value"):
        mean_interval([])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
@settings(deadline=None)
def test_the_interval_holds_the_mean_and_stays_inside(values: list[float]) -> None:
    made = mean_interval(values)
    assert 0 <= made.low <= made.mean + 1e-12
    assert made.mean - 1e-12 <= made.high <= 1


def test_the_interval_of_all_right_ends_at_one() -> None:
    assert wilson(1.0, 10)[1] == 1.0


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=2, max_size=30))
@settings(deadline=None)
def test_right_and_wrong_are_symmetric(values: list[float]) -> None:
    made, mirrored = mean_interval(values), mean_interval([1 - value for value in values])
    assert mirrored.low == pytest.approx(1 - made.high, abs=1e-12)
    assert mirrored.stderr == pytest.approx(made.stderr, abs=1e-12)


def coverage(
    n: int, repeats: int, chance: Callable[[random.Random], float], truth: float
) -> float:
    """The share of simulated intervals that hold the truth."""
    source = random.Random(20261120)
    hits = 0
    for _ in range(1000):
        values = []
        for _ in range(n):
            p = chance(source)
            values.append(sum(source.random() < p for _ in range(repeats)) / repeats)
        made = mean_interval(values)
        hits += made.low <= truth <= made.high
    return hits / 1000


@pytest.mark.parametrize(
    ("n", "repeats", "chance", "truth"),
    [
        (50, 1, lambda _: 0.8, 0.8),
        (50, 1, lambda _: 0.97, 0.97),
        (40, 5, lambda source: source.betavariate(0.5, 0.5), 0.5),
        (40, 5, lambda source: source.betavariate(8, 1), 8 / 9),
        (40, 4, lambda _: 0.5, 0.5),
        # Repeats that only say the same again.
        (40, 4, lambda source: float(source.random() < 0.7), 0.7),
    ],
)
def test_coverage_is_about_95_percent(
    n: int, repeats: int, chance: Callable[[random.Random], float], truth: float
) -> None:
    # Three standard errors of 1000 trials are 2 %.
    assert 0.92 <= coverage(n, repeats, chance, truth) <= 0.985


@pytest.mark.parametrize(
    ("degrees", "quantile"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (9, 2.2622),
        (30, 2.0423),
        (500, 1.9647),
    ],
)
def test_student_t(degrees: int, quantile: float) -> None:
    """Values of printed tables."""
    assert student_t(degrees) == pytest.approx(quantile, rel=2e-3)


def test_few_graded_values_give_a_wide_interval() -> None:
    few, many = mean_interval([0.2, 0.8, 0.5]), mean_interval([0.2, 0.8, 0.5] * 40)
    assert few.high - few.low > 5 * (many.high - many.low)
