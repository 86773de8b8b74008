"""Percentiles of a histogram: the bracket holds the truth, whatever the samples, and is narrow."""

from __future__ import annotations

import bisect
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from server_readings import summed_up

from aisbench.telemetry.brackets import bracket, distribution, gap

VLLM_QUEUE = [0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0]
USUAL = ("linear", "lower", "higher", "nearest", "midpoint", "inverted_cdf")
VALUES = st.lists(
    st.floats(min_value=0, max_value=40, allow_nan=False)
    | st.sampled_from([0.0, 0.3, 0.5, 10.0, 4e-5]),
    min_size=1,
    max_size=80,
)
BOUNDS = st.lists(
    st.floats(min_value=1e-3, max_value=30), min_size=1, max_size=12, unique=True
) | st.just(VLLM_QUEUE)


def cumulated(values: list[float], bounds: list[float]) -> dict[float, float]:
    ordered = sorted(values)
    found = {bound: float(bisect.bisect_right(ordered, bound)) for bound in bounds}
    return {**found, math.inf: float(len(values))}


@settings(deadline=None)
@given(VALUES, BOUNDS, st.booleans(), st.sampled_from([1, 25, 50, 90, 99, 99.9]))
def test_the_true_percentile_lies_in_the_bracket(
    values: list[float], bounds: list[float], bounded: bool, percentile: float
) -> None:
    total = float(np.sum(values))
    most = max(values) if bounded else math.inf
    seen = distribution(
        cumulated(values, bounds), len(values), total, most, slack=1e-12 * (1 + total)
    )
    assert seen is not None
    low, high = bracket(seen, percentile)
    for method in USUAL:
        true = float(np.percentile(values, percentile, method=method))
        assert low - 1e-9 <= true <= high + 1e-9, (method, true, low, high)
    # Never wider than the buckets by themselves.
    plain = distribution(cumulated(values, bounds), len(values), None)
    assert plain is not None
    wide = bracket(plain, percentile)
    assert wide[0] <= low <= high <= wide[1]


@settings(deadline=None)
@given(VALUES, BOUNDS, st.floats(-50, 50))
def test_a_gap_is_shown_only_where_it_is_known(
    values: list[float], bounds: list[float], seen: float
) -> None:
    made = distribution(cumulated(values, bounds), len(values), float(np.sum(values)))
    assert made is not None
    between = bracket(made, 50)
    shown = gap(seen, between)
    true = seen - float(np.median(values))
    if shown is None:
        width = between[1] - between[0]
        assert width >= 0
    else:
        low, high = shown
        assert low - 1e-6 <= true <= high + 1e-6
        assert (low > 0) == (high > 0), "its sign is known"
        assert high - low <= abs(true) + 1e-6


def test_a_queue_of_nothing_is_no_median_of_150_ms() -> None:
    """60 requests that waited 0.04 ms each, in buckets of which the first ends at 300 ms."""
    values = [4e-5] * 60
    seen = distribution(cumulated(values, VLLM_QUEUE), 60, sum(values))
    assert seen is not None
    low, high = bracket(seen, 50)
    assert low == 0
    assert high < 1e-4
    assert bracket(seen, 99)[1] < 2.5e-3
    assert gap(0.05, bracket(seen, 50)) is not None
    assert gap(-5.0, (0.0, 7.5)) is None


def test_the_last_bucket_ends_with_the_load() -> None:
    values = [12.0, 13.0, 14.0]
    seen = distribution(cumulated(values, VLLM_QUEUE), 3, None, most=15.0)
    assert seen is not None
    assert bracket(seen, 50) == (10.0, 15.0)
    open_end = distribution(cumulated(values, VLLM_QUEUE), 3, None)
    assert open_end is not None
    assert bracket(open_end, 50) == (10.0, math.inf)
    # Something took longer than "the most": that was none.
    wrong = distribution(cumulated(values, VLLM_QUEUE), 3, None, most=9.0)
    assert wrong is not None
    assert bracket(wrong, 50) == (10.0, math.inf)


@pytest.mark.parametrize(
    ("buckets", "n"),
    [
        ({0.1: 5, 0.2: 4, math.inf: 5}, 5),
        ({0.1: 7, math.inf: 5}, 5),
        ({0.1: 0.5, math.inf: 1}, 1),
        ({-1.0: 1, math.inf: 1}, 1),
        ({0.1: -1, math.inf: 1}, 1),
        ({math.inf: 0}, 0),
    ],
)
def test_what_is_no_histogram_has_no_percentiles(buckets: dict[float, float], n: float) -> None:
    assert distribution(buckets, n, 1.0) is None


def test_a_sum_that_contradicts_the_buckets_proves_nothing() -> None:
    seen = distribution({0.1: 0, 0.2: 10, math.inf: 10}, 10, 0.5)
    assert seen is not None
    assert bracket(seen, 50) == (0.1, 0.2)


def scrape(text: str, time_ns: int) -> dict[str, Any]:
    return {"url": "u", "time_ns": time_ns, "until_ns": time_ns, "text": text, "error": ""}


def queue(values: list[float], running: int) -> str:
    name = "vllm:request_queue_time_seconds"
    rows = cumulated(values, [0.3, 10.0])
    lines = [
        f'{name}_bucket{{le="{"+Inf" if math.isinf(le) else le}"}} {count}'
        for le, count in rows.items()
    ]
    lines += [f"{name}_sum {sum(values)}", f"{name}_count {len(values)}"]
    lines += [f"vllm:num_requests_running {running}", "vllm:num_requests_waiting 0"]
    return "\n".join(lines) + "\n"


def test_the_duration_bounds_what_an_idle_server_answered() -> None:
    slow = [20.0, 11.0, 25.0]
    for running, most in ((0, 30_000.0), (1, 45_000.0)):
        found = summed_up([scrape(queue([], running), 0), scrape(queue(slow, 0), 30_000_000_000)])
        low, high = found["latencies"]["queue"]["p99_ms"]
        # Busy at the first reading: the sum alone bounds the longest (56 s, less the least).
        assert low <= 25_000 <= high <= most, (running, low, high)
        assert high > 25_000 + (5_000 if running else 0) - 1
