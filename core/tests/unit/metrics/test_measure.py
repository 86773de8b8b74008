"""All figures of a load beside their plain definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import MS, Maker
from slow_metrics import Part, known, percentile, request, stddev

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.dictionary import DICTIONARY
from aisbench.metrics.measure import measure
from aisbench.metrics.requests import request_metrics
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.types.performance import Population, Statistics

PERCENTILES = (0.5, 25, 50, 90, 99, 100)
END_OF_RUN = 1


@st.composite
def makers(draw: st.DrawFn) -> Maker:
    """Recordings with failures, retries, warm-up, several events a read and absent counts."""
    maker = Maker(per_block=draw(st.integers(1, 4)))
    small = st.integers(0, 40)
    for _ in range(draw(st.integers(1, 12))):
        scheduled = draw(small) * MS
        dispatched = scheduled + draw(st.integers(0, 3)) * MS
        sent = dispatched + draw(st.integers(0, 3)) * MS
        time, reads = sent, []
        for _ in range(draw(st.integers(0, 6))):
            time += draw(st.integers(0, 20)) * MS // 3
            reads.append((time, draw(st.integers(1, 3))))
        count = st.one_of(st.just(-1), st.integers(0, 30))
        fields = {
            "scheduled": scheduled,
            "dispatched": dispatched,
            "sent": sent,
            "done": time + draw(st.integers(1, 9)) * MS,
            "connect": draw(st.sampled_from([0, 0, 5 * MS])),
            "prompt_tokens": draw(count),
            "completion_tokens": draw(count),
            "counted_prompt": draw(count),
            "counted_completion": draw(count),
            "phase": draw(st.sampled_from([*[int(Phase.MEASURED)] * 4, *map(int, Phase)])),
            "final": draw(st.sampled_from([1, 1, 1, 0])),
            "outcome": draw(st.sampled_from([0, 0, 0, 1, 2])),
        }
        if reads and draw(st.booleans()):
            fields["first_answer"] = reads[-1][0]
        if fields["outcome"] == AttemptOutcome.FAILED and draw(st.booleans()):
            fields["sent"] = -1
        maker.add(reads, **fields)
    return maker


def check(found: Statistics | None, values: list[float], name: str) -> None:
    if not values:
        assert found is None, name
        return
    assert found is not None, name
    assert found.n == len(values), name
    near = pytest.approx
    assert found.mean == near(math.fsum(values) / len(values)), name
    assert (found.min, found.max) == (near(min(values)), near(max(values))), name
    assert found.stddev == near(stddev(values), rel=1e-6, abs=1e-6), name
    for p in PERCENTILES:
        assert found.percentiles[f"p{p:g}"] == near(percentile(values, p)), (name, p)
    assert found.unit == DICTIONARY[name].unit


def compare(population: Population, part: Part, stop: int) -> None:
    found = {statistics.name: statistics for statistics in population.statistics}
    for name, metric in DICTIONARY.items():
        if metric.scope == "request" and name != "ttfa":
            check(found.get(name), part.values(name), name)
    check(found.get("itl"), part.event_gaps(), "itl")
    check(found.get("itl_read"), part.read_gaps(), "itl_read")
    tokens = part.token_gaps()
    weight = math.fsum(w for _, w in tokens)
    if tokens:
        mean = math.fsum(v * w for v, w in tokens) / weight
        assert found["itl_token"].mean == pytest.approx(mean)
        # Half weights round either way, by the last digit of a sum.
        assert found["itl_token"].n == pytest.approx(max(1, weight), abs=0.5 + 1e-6)
    else:
        assert "itl_token" not in found
    figures = {figure.name: figure.value for figure in population.figures}
    begin, end = population.begin_ns, population.end_ns
    sent = [row for row in part.asked if part.holds(part.start(row))]
    assert figures["total_requests"] == len(sent)
    for place, name in enumerate(("success", "failed", "cancelled")):
        assert figures[f"{name}_requests"] == sum(row["outcome"] == place for row in sent)
    assert figures["benchmark_duration"] == pytest.approx((end - begin) / 1e9)
    if end == begin:
        return
    seconds = (end - begin) / 1e9
    assert figures["concurrency"] == pytest.approx(part.concurrency(begin, end))
    assert figures["max_concurrency"] == part.peak(begin, stop)
    done = [row for row in part.success if part.holds(row["done"])]
    assert figures["request_throughput"] == pytest.approx(len(done) / seconds)
    for side, total in (("input", part.input_tokens()), ("output", part.output_tokens())):
        if f"total_{side}_tokens" in figures:
            assert isinstance(figures[f"total_{side}_tokens"], int)
            assert figures[f"total_{side}_tokens"] == pytest.approx(total, abs=0.5 + 1e-6)
            assert figures[f"{side}_token_throughput"] == pytest.approx(total / seconds, abs=1e-6)
        else:
            assert total == 0 or not any(known(row, "completion") for row in part.success)
    for value in (*figures.values(), *(one.mean for one in population.statistics)):
        assert math.isfinite(value)


@settings(max_examples=150, deadline=None)
@given(makers(), st.integers(3, 40))
def test_everything_equals_the_plain_definitions(maker: Maker, window_ms: int) -> None:
    recording = maker.recording()
    options = MetricOptions(percentiles=PERCENTILES, window_ns=window_ms * MS, itl="token")
    populations = {population.name: population for population in measure(recording, options)}
    run = populations.pop("run")
    if run.note == "no request was sent":
        assert not any(r["phase"] == 1 and r["sent"] != -1 for r in maker.rows)
        return
    compare(run, Part(maker.rows, maker.reads), run.end_ns + END_OF_RUN)
    populations.pop("steady")
    for population in populations.values():
        begin, end = population.begin_ns, population.end_ns
        stop = end + END_OF_RUN * (end == run.end_ns)
        compare(population, Part(maker.rows, maker.reads, begin, stop), stop)


@settings(max_examples=50, deadline=None)
@given(makers())
def test_columns_of_requests(maker: Maker) -> None:
    columns = request_metrics(maker.recording())
    for place, row in enumerate(maker.rows):
        for name, value in request(row).items():
            found = columns[name][place]
            expected = math.nan if value is None else value
            assert found == pytest.approx(expected, nan_ok=True), name


def test_by_hand() -> None:
    maker = Maker()
    # Sent at 0; tokens at 100, 110 (two events) and 130 ms; 5 tokens; done at 140 ms.
    maker.add(
        [(100 * MS, 1), (110 * MS, 2), (130 * MS, 1)],
        scheduled=0,
        dispatched=0,
        sent=0,
        done=140 * MS,
        prompt_tokens=20,
        completion_tokens=5,
    )
    maker.add(scheduled=0, dispatched=0, sent=40 * MS, done=60 * MS, outcome=1)
    run = measure(maker.recording(), MetricOptions(itl="token"))[0]
    mean = {s.name: s.mean for s in run.statistics}
    assert mean["e2el"] == 140
    assert mean["ttft"] == 100
    assert mean["tpot"] == 7.5
    assert mean["itl"] == 10  # 10, 0 and 20
    assert mean["itl_read"] == 15
    # The second read brought 2.5 tokens, 4 ms apart, the third 1.25, 16 ms apart.
    assert mean["itl_token"] == pytest.approx(30 / 3.75)
    assert mean["normalised_latency"] == 28
    assert mean["request_output_token_throughput"] == pytest.approx(5 / 0.14)
    assert mean["prefill_token_throughput"] == pytest.approx(200)
    figures = {f.name: f.value for f in run.figures}
    assert figures["concurrency"] == pytest.approx(160 / 140)
    assert figures["max_concurrency"] == 2
    assert figures["total_token_throughput"] == pytest.approx(25 / 0.14)
    assert figures["failed_requests"] == 1


def test_answers_in_one_piece_have_no_first_token() -> None:
    maker = Maker()
    for i in range(5):
        maker.add(scheduled=i, dispatched=i, sent=i, done=MS, prompt_tokens=3, completion_tokens=4)
    run = measure(maker.recording(), MetricOptions(streamed=False))[0]
    names = {s.name for s in run.statistics}
    assert not names & {"ttft", "tpot", "itl", "ttfa", "ttft_scheduled"}
    assert "e2el" in names
    assert "one piece" in run.note
    assert {f.name: f.value for f in run.figures}["total_output_tokens"] == 20


def test_unknown_counts_are_said_and_not_guessed() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 5)
    maker.simple(1, 10, 1, 5, completion_tokens=-1)
    run = measure(maker.recording())[0]
    found = {s.name: s.n for s in run.statistics}
    assert (found["tpot"], found["e2el"]) == (1, 2)
    assert "1 of 2 answered requests have no known output tokens" in run.note
    assert {f.name: f.value for f in run.figures}["total_output_tokens"] == 5


def test_nothing_sent() -> None:
    maker = Maker()
    maker.add(scheduled=0, dispatched=0, done=5, outcome=1)
    (run,) = measure(maker.recording())
    assert run.note == "no request was sent" and not run.statistics


def test_time_to_the_first_answer_is_shown_where_it_differs() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 5, first_answer=10 * MS)
    assert "ttfa" not in {s.name for s in measure(maker.recording())[0].statistics}
    maker.simple(0, 10, 1, 5, first_answer=12 * MS)
    assert "ttfa" in {s.name for s in measure(maker.recording())[0].statistics}


def test_more_windows_than_fit_are_made_longer() -> None:
    maker = Maker()
    maker.simple(0, 10, 100, 50)
    populations = measure(maker.recording(), MetricOptions(window_ns=10_000))
    assert len(populations) <= 1003
    assert "longer" in populations[-1].note
    gaps = [s for p in populations[2:] for s in p.statistics if s.name == "itl"]
    assert sum(s.n for s in gaps) == 49
    assert populations[-1].end_ns == populations[0].end_ns


def test_throughput_interval_covers_the_true_rate() -> None:
    generator = np.random.default_rng(1)
    maker = Maker(per_block=100)
    for sent in np.cumsum(generator.exponential(10, 1500)):
        maker.simple(float(sent), 5, 1, 4)
    run = measure(maker.recording())[0]
    throughput = next(f for f in run.figures if f.name == "request_throughput")
    assert throughput.low is not None and throughput.high is not None
    assert throughput.low < 100 < throughput.high
    assert throughput.method == "batches of time"
