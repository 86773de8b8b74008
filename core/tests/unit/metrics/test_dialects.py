"""Figures under the names and formulas of other tools."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import Maker

from aisbench.metrics.dialects import DIALECTS, print_as


@pytest.fixture
def maker() -> Maker:
    maker = Maker()
    for i in range(10):
        maker.simple(i * 20, 10, 2, 6)
    maker.simple(0, 10, 2, 1)
    maker.simple(50, 10, 2, 6, outcome=1, done=400_000_000)
    return maker


def number(text: str, label: str) -> float:
    found = re.search(re.escape(label) + r"[\s:|]+(-?[\d.,]+)", text)
    assert found, label
    return float(found[1].replace(",", ""))


def test_vllm(maker: Maker) -> None:
    text = print_as(maker.recording(), "vllm", 4)
    assert text.startswith("============ Serving Benchmark Result ============")
    assert number(text, "Successful requests") == 11
    assert number(text, "Failed requests") == 1
    assert number(text, "Maximum request concurrency") == 4
    # The failed request's end is the end of the run; its tokens are none.
    assert number(text, "Benchmark duration (s)") == 0.4
    assert number(text, "Total generated tokens") == 61
    assert number(text, "Request throughput (req/s)") == 27.5
    assert number(text, "Peak output token throughput (tok/s)") == 61
    assert number(text, "Mean TTFT (ms)") == 10
    assert number(text, "Mean TPOT (ms)") == 2
    assert number(text, "P99 ITL (ms)") == 2
    assert number(text, "Mean E2EL (ms)") == pytest.approx((10 * 20 + 10) / 11, abs=0.01)


def test_vllms_peak_is_the_fullest_second_not_a_concurrency() -> None:
    """One after the other, 0.3 s each: in 0..1 s four begin, the fourth reaches into the next."""
    maker = Maker()
    for i in range(10):
        maker.simple(i * 300, 100, 200, 2)
    assert number(print_as(maker.recording(), "vllm"), "Peak concurrent requests") == 4
    # The third second is touched by those from 1.8, 2.1, 2.4 and 2.7 s.
    maker.simple(2_950, 10, 10, 2)
    assert number(print_as(maker.recording(), "vllm"), "Peak concurrent requests") == 5


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6000), st.integers(1, 900), st.integers(0, 900)), min_size=1)
)
def test_vllms_peak_as_its_own_loop_counts(rows: list[tuple[int, int, int]]) -> None:
    maker = Maker()
    for sent, ttft, gap in rows:
        maker.simple(sent, ttft, gap, 2)
    begin = min(sent for sent, _, _ in rows)
    # Whole milliseconds: a second that ends with a request is touched by it.
    seconds = [0] * 10
    for sent, ttft, gap in rows:
        for second in range((sent - begin) // 1000, (sent - begin + ttft + gap) // 1000 + 1):
            seconds[second] += 1
    found = number(print_as(maker.recording(), "vllm"), "Peak concurrent requests")
    assert found == max(seconds)


def test_aisbench(maker: Maker) -> None:
    text = print_as(maker.recording(), "aisbench", 1)
    # From the first start to the last end of successes.
    assert re.search(r"Benchmark Duration +\| +total +\| +200\.0 ms", text)
    assert "Failed Requests" in text
    tpot = next(line for line in text.splitlines() if "TPOT" in line and "total" in line)
    # The zero of the single token is averaged; N is the requests with gaps.
    assert f"{round(20 / 11, 4)} ms" in tpot
    assert tpot.rstrip(" |").endswith("10")
    assert "stable" in text


def test_aisbench_without_a_stable_stage(maker: Maker) -> None:
    assert "stable" not in print_as(maker.recording(), "aisbench", 9)
    assert "stable" not in print_as(maker.recording(), "aisbench")


def test_evalscope(maker: Maker) -> None:
    text = print_as(maker.recording(), "evalscope")
    assert number(text, "Total requests") == 12
    assert number(text, "Number of concurrency") == -1
    assert number(text, "Average time to first token (s)") == 0.01
    assert "Percentile results" in text


def test_aiperf(maker: Maker) -> None:
    text = print_as(maker.recording(), "aiperf")
    assert number(text, "Time to Second Token (ms)") == 2
    assert number(text, "Inter Token Latency (ms)") == 2
    assert number(text, "Output Token Throughput Per User (tokens/sec/user)") == 500
    assert number(text, "Output Token Throughput (tokens/sec)") == pytest.approx(305)
    assert number(text, "Input Token Throughput (tokens/sec)") == pytest.approx(550)
    assert number(text, "Decode Duration (ms)") == pytest.approx(100 / 11, abs=0.01)
    assert number(text, "Request Error Rate (%)") == pytest.approx(100 / 12, abs=0.01)
    heading = text.splitlines()[2].split()
    columns = [word for word in heading if word != "|"]
    assert columns == ["Metric", "avg", "min", "max", "p99", "p90", "p50", "std"]


def test_aiperf_ends_a_request_with_its_last_content() -> None:
    maker = Maker()
    maker.simple(0, 10, 10, 3, done=500_000_000)
    text = print_as(maker.recording(), "aiperf")
    assert number(text, "Request Latency (ms)") == 30
    assert number(text, "Inter Token Latency (ms)") == 10
    assert number(text, "Output Token Throughput (tokens/sec)") == 100


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_succeeded(dialect: str) -> None:
    maker = Maker()
    maker.add(scheduled=0, dispatched=0, sent=0, done=9, outcome=1)
    assert print_as(maker.recording(), dialect, 2)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_answers_in_one_piece(dialect: str) -> None:
    maker = Maker()
    maker.add(scheduled=0, dispatched=0, sent=0, done=10**9, completion_tokens=5, prompt_tokens=2)
    text = print_as(maker.recording(), dialect, 2)
    assert "nan" not in text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_vectors_have_no_output_tokens_in_any_words(dialect: str) -> None:
    maker = Maker()
    for begin in (0, 10**6):
        maker.add(
            scheduled=begin, dispatched=begin, sent=begin, done=begin + 10**9, prompt_tokens=2,
            generates=0, items=4,
        )  # fmt: skip
    text = print_as(maker.recording(), dialect, 2)
    assert not re.search(r"utput|TTFT|TPOT|ITL|[Ff]irst [Tt]oken|enerated|nan", text), text
    assert re.search(r"E2EL|Latency|latency", text)
