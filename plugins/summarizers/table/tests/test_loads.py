"""Loads in the terminal: the verdict first, both tables, sweeps and searches, nothing cut."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import (
    Figure,
    Health,
    InputLedger,
    LatencyGap,
    OutputLedger,
    PerformanceResult,
    Population,
    RequestCounts,
    RequestLimitResult,
    RunLimitResult,
    SearchProbe,
    SearchResult,
    ServerLatency,
    ServerLevel,
    ServerMetrics,
    SloResult,
    SpeculativeDecoding,
    Statistics,
    SuiteResult,
    TokenLedger,
    TokenSources,
    TokenTotal,
)
from aisbench_plugin_table.layout import render
from aisbench_plugin_table.numbers import number


def statistics(name: str, mean: float) -> Statistics:
    tails = {"p50": mean, "p75": mean * 1.1, "p90": mean * 1.2, "p95": mean * 1.3}
    return Statistics(
        name=name, unit="ms", n=200, mean=mean, min=mean / 2, max=mean * 2, stddev=1.0,
        percentiles={**tails, "p99": mean * 1.5, "p99.9": mean * 1.9},
        weak=("p99", "p99.9"), low=mean - 1, high=mean + 1,
    )  # fmt: skip


NOTHING = TokenTotal(total=None, known=0)
SOURCE = TokenSources(server=200, tokenizer=0, unknown=0)
LEDGER = TokenLedger(
    requests=200,
    output=OutputLedger(
        asked=NOTHING, server=TokenTotal(total=6400, known=200), tokenizer=NOTHING,
        events=NOTHING, reads=NOTHING, reasoning=NOTHING, source=SOURCE,
        server_tokenizer_differ=4, server_tokenizer_compared=30, under_asked=12,
    ),
    input=InputLedger(
        server=NOTHING, tokenizer=NOTHING, cached=NOTHING, source=SOURCE,
        server_tokenizer_differ=0, server_tokenizer_compared=0,
    ),
)  # fmt: skip
SLO = SloResult(
    holds=False, population="run", requests=200, good=194, attainment=0.97, attainment_low=0.94,
    attainment_high=0.99, attainment_asked=0.99,
    limits=(
        RequestLimitResult(
            key="ttft_ms", metric="ttft", limit_ms=60.0, statistic=None, share=0.97
        ),
    ),
)  # fmt: skip


def load(label: str = "load", ttft: float = 51.25) -> PerformanceResult:
    run = Population(
        name="run",
        begin_ns=0,
        end_ns=10**9,
        statistics=(statistics("e2el", 1360.5), statistics("ttft", ttft), statistics("tpot", 10)),
        figures=(
            Figure(name="benchmark_duration", value=12.5, unit="s", n=200),
            Figure(name="total_requests", value=200, unit="requests", n=200),
            Figure(name="request_throughput", value=16, unit="requests/s", n=200, low=15, high=17),
            Figure(name="goodput", value=15.5, unit="requests/s", n=200),
        ),
    )
    steady = Population(name="steady", begin_ns=0, end_ns=0, note="the run is too short")
    window = attrs.evolve(run, name="window 1")
    return PerformanceResult(
        model="qwen", dataset="synthetic", variant="chat", load=label,
        settings={"shape": "poisson", "rate": 16.0, "requests": 200, "warm_up": 8},
        complete=True, streamed=True,
        counts=RequestCounts(total=200, success=198, failed=2, retried=1, warm_up=8),
        populations=(run, steady, window),
        health=Health(kept_up=True, values={"schedule_lag_ms_mean": 0.1, "cpu_share_max": 0.2}),
        faults={"HTTP 503: busy": 3},
        ledger=LEDGER,
        notes=("a note of the run",),
        slo=SLO,
    )  # fmt: skip


def suite(*loads: PerformanceResult, searches: tuple[SearchResult, ...] = ()) -> SuiteResult:
    return SuiteResult(
        name="s", run=Path("outputs/s/1"), complete=True, performance=loads, searches=searches
    )


def test_a_load_has_all_that_users_look_for() -> None:
    text = render(suite(load()), 200)
    lines = text.splitlines()
    assert lines[0] == "qwen / synthetic  (shape poisson, rate 16, requests 200)"
    assert lines[1] == "client kept up"
    (row,) = [line for line in lines if line.strip().startswith("TTFT ")]
    assert row.split() == [
        "TTFT", "51.25", "±", "1", "25.62", "102.5", "51.25", "56.38", "61.50", "66.62",
        "76.88~", "97.38~", "200", "ms",
    ]  # fmt: skip
    (head,) = [line for line in lines if "Average" in line]
    assert head.split() == [
        "Average", "95", "%", "CI", "Min", "Max", "Median", "P75", "P90", "P95", "P99", "P99.9",
        "N", "Unit",
    ]  # fmt: skip
    assert any(line.split()[:4] == ["Request", "Throughput", "16", "[15,"] for line in lines)
    assert "SLO does NOT hold: ttft_ms = 60 (97.00% within); 97.00% of the requests" in text
    assert "3 attempts failed: HTTP 503: busy" in text
    assert "not counted above: 1 attempts repeated, 8 warm-up requests" in text
    assert "12 answers shorter than asked for" in text
    assert "server and tokenizer DISAGREE in 4 of 30 requests" in text
    assert "steady: the run is too short" in text
    assert "window 1" in text
    assert "~ rests on fewer than ten values beyond it" in text
    assert "a note of the run" in text


def disagreeing(differ: int, compared: int | None) -> str:
    output = attrs.evolve(
        LEDGER.output, server_tokenizer_differ=differ, server_tokenizer_compared=compared
    )
    return render(suite(attrs.evolve(load(), ledger=attrs.evolve(LEDGER, output=output))), 200)


def test_an_alarm_rings_only_where_counts_differ_as_a_rule() -> None:
    text = disagreeing(4, 3000)
    assert "server and tokenizer differ in 4 of 3,000 requests" in text
    assert "DISAGREE" not in text
    assert "tokenizer" not in disagreeing(0, 30)
    # A summary of an early version does not say how many were compared.
    assert "server and tokenizer differ in 4 requests" in disagreeing(4, None)


def test_limits_of_the_run_with_their_values() -> None:
    one = RunLimitResult(
        key="tpot_p99_ms", metric="tpot", limit_ms=12.5, statistic="p99", value=11.0, holds=True
    )
    slo = attrs.evolve(
        SLO, holds=None, attainment=None, limits=(one, attrs.evolve(one, value=None))
    )
    text = render(suite(attrs.evolve(load(), slo=slo)), 200)
    assert "SLO cannot be judged: tpot_p99_ms = 12.5 (is 11), tpot_p99_ms = 12.5\n" in text


def test_what_the_server_published() -> None:
    server = ServerMetrics(
        readings=4,
        read_from="http://a/metrics, http://b/metrics",
        errors={"http://b/metrics": "status 503"},
        readings_lost=1,
        cut_short={"http://b/metrics": "not read in the last 4.0 s"},
        counters={"requests": 24},
        levels={"running_requests": ServerLevel(mean=3.5, max=8)},
        latencies={"ttft": ServerLatency(metric="x:ttft", n=24, mean_ms=50, p50_ms=(40.0, 60.0))},
        restarts=1,
        restarted="counters fell",
        prefix_cache_hit_rate_percent=12.5,
        speculative_decoding=SpeculativeDecoding(
            acceptance_rate_percent=50, acceptance_length=2.5, acceptance_by_position={"0": 0.75}
        ),
        missing="drafts",
        client_against_server={"ttft": LatencyGap(mean_ms=1.5, n_client=23, n_server=24)},
    )
    text = render(suite(attrs.evolve(load(), server=server)), 200)
    found = [one.removeprefix("server: ") for one in text.splitlines() if "server: " in one]
    assert found == [
        "readings = 4",
        "from: http://a/metrics, http://b/metrics",
        "errors.http://b/metrics: status 503",
        "readings_lost = 1",
        "cut_short.http://b/metrics: not read in the last 4.0 s",
        "counters.requests = 24",
        "levels.running_requests.mean = 3.50",
        "levels.running_requests.max = 8",
        "latencies.ttft.metric: x:ttft",
        "latencies.ttft.n = 24",
        "latencies.ttft.mean_ms = 50",
        "latencies.ttft.p50_ms between 40 and 60",
        "restarts = 1",
        "restarted: counters fell",
        "prefix_cache_hit_rate_percent = 12.50",
        "speculative_decoding.acceptance_rate_percent = 50",
        "speculative_decoding.acceptance_length = 2.50",
        "speculative_decoding.acceptance_by_position.0 = 0.75",
        "missing: drafts",
        "client_against_server.ttft.mean_ms = 1.50",
        "client_against_server.ttft.n_client = 23",
        "client_against_server.ttft.n_server = 24",
    ]


def test_doubts_of_the_server_s_doing_do_not_blame_the_client() -> None:
    health = Health(kept_up=True, doubts=("9 of 9 streams came in one piece",))
    lines = render(suite(attrs.evolve(load(), health=health)), 200).splitlines()
    assert lines[1] == "client kept up"
    assert lines[2].endswith("CARE: 9 of 9 streams came in one piece")


def test_totals_are_whole() -> None:
    total = Figure(name="total_output_tokens", value=1234, unit="tokens", n=200)
    run = attrs.evolve(load().populations[0], figures=(total,))
    text = render(suite(attrs.evolve(load(), populations=(run,))), 200)
    assert "1,234 " in text and "1,234.0" not in text


def test_doubts_and_cuts_come_before_the_figures() -> None:
    bad = attrs.evolve(
        load(), complete=False, health=Health(kept_up=False, doubts=("it was late", "and busy"))
    )
    lines = render(suite(bad), 120).splitlines()
    assert lines[1].startswith("INCOMPLETE")
    assert "it was late" in lines[2] and "and busy" in lines[3]
    assert "client kept up" not in "\n".join(lines)


@pytest.mark.parametrize("width", [40, 80, 100, 120, 200])
def test_no_number_is_cut(width: int) -> None:
    text = render(suite(load()), width)
    assert "…" not in text
    (row,) = [line for line in text.splitlines() if line.strip().startswith("TTFT ")]
    words = row.split()
    # However narrow: the mean, the median, the tail, and how many.
    assert {"51.25", "76.88~", "200"} <= set(words)


def test_a_sweep_is_compared_before_its_parts() -> None:
    loads = [load(f"rate={rate}", 50.0 + rate) for rate in (1, 2, 4, 8)]
    loads[-1] = attrs.evolve(
        loads[-1], health=Health(kept_up=False, doubts=("requests were sent late",))
    )
    text = render(suite(*loads), 160)
    lines = text.splitlines()
    assert lines[0] == "qwen / synthetic: 4 loads (times in ms)"
    rows = {line.split()[0]: line.split() for line in lines if line.strip().startswith("rate=")}
    assert "yes" in rows["rate=1"] and "54" in rows["rate=4"]
    assert "NO" in rows["rate=8"]
    assert "rate=8: requests were sent late" in text
    assert "each load's own tables are in summary.txt" in text
    assert "Average" not in text
    assert render(suite(*loads), 160, everything=True).count("Average") == 4


def test_empty_answers_are_in_the_comparison_where_there_are_any() -> None:
    counts = RequestCounts(total=200, success=200, empty=37)
    loads = [load("rate=1"), attrs.evolve(load("rate=2"), counts=counts)]
    heads, row = (
        next(line for line in render(suite(*loads), 200).splitlines() if mark in line)
        for mark in ("kept up", "rate=2 ")
    )
    assert "empty" in heads and "37" in row.split()
    heads = next(
        line for line in render(suite(load("a"), load("b")), 200).splitlines() if "kept up" in line
    )
    assert "empty" not in heads


def test_a_search_says_how_sure_it_is() -> None:
    search = SearchResult(
        model="qwen", dataset="synthetic", key="rate", best=12.5, low=12.5, high=13.0,
        reason="the bounds are close", sure="3 of 3 runs held",
        probes=(
            SearchProbe(value=12.5, held=True, kept_up=True, load="rate=12.5", ttft_p99=40.0),
        ),
    )  # fmt: skip
    text = render(suite(load(), searches=(search,)), 120)
    assert "search of rate: rate = 12.50 is the heaviest load within the SLO" in text
    assert "the lightest load beyond it: rate = 13" in text
    assert "ended because the bounds are close" in text
    assert "sure: 3 of 3 runs held" in text
    assert "rate = 12.50: holds, 40 TTFT p99 ms" in text
    none = attrs.evolve(search, best=None, low=None)
    assert "no load held the limits" in render(suite(load(), searches=(none,)), 120)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_numbers_keep_their_size(value: float) -> None:
    back = float(number(value).replace(",", ""))
    assert back == pytest.approx(value, rel=0.006, abs=1e-300)
