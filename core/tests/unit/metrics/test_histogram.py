"""Histograms of latencies: every value in one bin, and gaps between tokens from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_metrics import percentile, stddev

from aisbench.metrics import inter_token as gaps_module
from aisbench.metrics.histogram import (
    BUCKETS,
    ERROR,
    Spread,
    WeightedSpread,
    bucket_middles,
    bucket_of,
)

PERCENTILES = (0.1, 1.0, 25.0, 50.0, 90.0, 99.0, 99.9)
VALUES = st.lists(st.integers(0, 10**14), min_size=1, max_size=60)


def filled(values: list[int], keep: int, parts: int = 3) -> Spread:
    spread = Spread(keep)
    for part in np.array_split(np.array(values, dtype=np.int64), parts):
        spread.add(part)
    return spread


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES, st.integers(0, 5), st.sampled_from([0, 10, 10**6]))
def test_histogram_is_within_its_error(
    first: list[int], second: list[int], zeros: int, keep: int
) -> None:
    spread = filled(first, keep)
    spread.merge(filled(second, keep // 2))
    spread.add_zeros(zeros)
    values = [v / 1e6 for v in first + second] + [0.0] * zeros
    found = spread.statistics("itl", PERCENTILES)
    assert found is not None
    assert found.n == len(values)
    assert found.mean == pytest.approx(sum(values) / len(values))
    assert (found.min, found.max) == (pytest.approx(min(values)), pytest.approx(max(values)))
    assert found.stddev == pytest.approx(stddev(values), rel=1e-6, abs=1e-6)
    for p in PERCENTILES:
        # 1 ns for the values that a bucket of 1 ns rounds.
        near = pytest.approx(percentile(values, p), rel=1e-9 if spread.exact else ERROR, abs=1e-6)
        assert found.percentiles[f"p{p:g}"] == near


@given(st.integers(2, 10**14))
def test_middle_of_a_bucket(value: int) -> None:
    (place,) = bucket_of(np.array([value], dtype=np.int64))
    assert 0 <= place < BUCKETS
    assert bucket_middles()[place] == pytest.approx(value, rel=ERROR)


def test_values_beyond_the_histogram_stay_at_its_end() -> None:
    assert bucket_of(np.array([2**62], dtype=np.int64))[0] == BUCKETS - 1


def test_long_gaps_that_differ_little() -> None:
    values = [10**13 + i for i in range(100)]
    found = filled(values, 10).statistics("itl", (50.0,))
    assert found is not None
    assert found.stddev == pytest.approx(stddev(list(range(100))) / 1e6, rel=1e-3)


def test_nothing() -> None:
    assert Spread().statistics("itl", (50.0,)) is None
    assert WeightedSpread().statistics("itl", (50.0,)) is None
    zeros = Spread()
    zeros.add_zeros(3)
    found = zeros.statistics("itl", (50.0,))
    assert found is not None and (found.n, found.max, found.percentiles["p50"]) == (3, 0, 0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(2, 10**12), st.floats(0.1, 9)), min_size=1, max_size=40))
def test_weights(pairs: list[tuple[int, float]]) -> None:
    spread, other = WeightedSpread(), WeightedSpread()
    for place, part in enumerate(np.array_split(np.array(pairs), 3)):
        (spread if place else other).add(part[:, 0], part[:, 1])
    spread.merge(other)
    found = spread.statistics("itl_token", PERCENTILES)
    assert found is not None
    total = sum(w for _, w in pairs)
    mean = sum(v * w for v, w in pairs) / total
    assert found.mean * 1e6 == pytest.approx(mean)
    square = sum(v * v * w for v, w in pairs) / total
    # The difference of squares loses half of the digits.
    assert found.stddev * 1e6 == pytest.approx(max(0, square - mean**2) ** 0.5, abs=1e-6 * mean)
    ordered = sorted(pairs)
    for p in (25.0, 50.0, 90.0):
        below = 0.0
        allowed = []
        for value, weight in ordered:
            # Either neighbour where rounding decides.
            if below - 1e-9 <= p / 100 * total <= below + weight + 1e-9:
                allowed.append(value)
            below += weight
        close = [
            v == pytest.approx(found.percentiles[f"p{p:g}"] * 1e6, rel=ERROR) for v in allowed
        ]
        assert any(close)


def test_scan_goes_over_to_the_histogram(monkeypatch: pytest.MonkeyPatch) -> None:
    from recordings import Maker

    from aisbench.metrics.measure import measure

    monkeypatch.setattr(gaps_module, "KEPT", 100)
    monkeypatch.setattr(gaps_module, "_PIECE", 16)
    maker = Maker(per_block=10)
    for i in range(60):
        maker.simple(i, 10, 1 + i % 7, 20, phase=1 if i % 5 else 0)
    itl = next(s for s in measure(maker.recording())[0].statistics if s.name == "itl")
    values = [1.0 + i % 7 for i in range(60) if i % 5 for _ in range(19)]
    assert itl.n == len(values)
    assert itl.mean == pytest.approx(sum(values) / len(values))
    assert itl.percentiles["p90"] == pytest.approx(percentile(values, 90), rel=ERROR)
