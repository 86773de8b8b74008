from __future__ import annotations

import re
from pathlib import Path

import pytest
from recordings import Maker

from aisbench.metrics.dialects import DIALECTS, print_as
from aisbench.metrics.dictionary import DICTIONARY, as_json
from aisbench.metrics.reference import renewed

DOCS = Path(__file__).parents[3] / "docs" / "metrics.md"


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


def test_docs_match_the_dictionary() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert renewed(text) == text, "python -m aisbench.metrics.reference docs/metrics.md"
    assert list(as_json()) == list(DICTIONARY)
