"""Percentiles, and the interval of a mean of values that are related."""

from __future__ import annotations

import numpy as np
import pytest

from aisbench.metrics.statistics import batch_count, describe, percentile_name, weak_percentiles

ALL = (50, 75, 90, 95, 99, 99.9)


@pytest.mark.parametrize(
    ("n", "weak"),
    [
        (19, ("p50", "p75", "p90", "p95", "p99", "p99.9")),
        (20, ("p75", "p90", "p95", "p99", "p99.9")),
        (100, ("p95", "p99", "p99.9")),
        (999, ("p99", "p99.9")),
        (1000, ("p99.9",)),
        (10_000, ()),
    ],
)
def test_percentiles_that_rest_on_too_few(n: int, weak: tuple[str, ...]) -> None:
    assert weak_percentiles(n, ALL) == weak


def test_low_percentiles_are_weak_as_well() -> None:
    assert weak_percentiles(100, (1, 10)) == ("p1",)


def test_names() -> None:
    assert [percentile_name(p) for p in (50, 99.9, 99.0)] == ["p50", "p99.9", "p99"]


def test_batches() -> None:
    assert [batch_count(n) for n in (49, 50, 150, 10_000)] == [None, 10, 15, 30]


def test_interval_of_independent_values_is_the_textbook_one() -> None:
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(300):
        values = generator.normal(10, 2, 300)
        found = describe("e2el", "ms", values, np.arange(300), (50,))
        assert found is not None and found.low is not None and found.high is not None
        covered += found.low < 10 < found.high
    assert 270 <= covered <= 297


def test_interval_of_related_values_is_wide_enough() -> None:
    """Values that drift slowly, as those of a queue do: the textbook interval would cover the mean
    in under half of the cases."""
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        noise = generator.normal(0, 1, 3500)
        values = np.empty(3500)
        state = 0.0
        for i, step in enumerate(noise):
            state = 0.9 * state + step
            values[i] = state
        values = values[500:]
        shuffled = generator.permutation(3000)
        found = describe("e2el", "ms", values[shuffled], shuffled, (50,))
        assert found is not None and found.low is not None and found.high is not None
        covered += found.low < 0 < found.high
    assert covered >= 170


def test_too_few_have_no_interval() -> None:
    found = describe("e2el", "ms", np.arange(49.0), np.arange(49), (50,))
    assert found is not None and found.low is None and found.high is None
    one = describe("e2el", "ms", np.array([3.0, np.nan]), np.arange(2), (50,))
    assert one is not None and (one.n, one.stddev, one.percentiles["p50"]) == (1, 0.0, 3.0)
    assert describe("e2el", "ms", np.array([np.nan]), np.arange(1), (50,)) is None
