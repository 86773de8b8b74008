"""The steady part of a load: found, measured, and too short to tell."""

from __future__ import annotations

import numpy as np
import pytest
from recordings import MS, Maker

from aisbench.metrics.columns import MetricOptions
from aisbench.metrics.concurrency import EvenWork, in_flight
from aisbench.metrics.measure import measure
from aisbench.metrics.steady import (
    aisbench_stable_stage,
    full_concurrency_window,
    steady_window,
)


def closed_loop(clients: int, rounds: int, ramp_ms: float, failed: bool = False) -> Maker:
    """Clients that start one after the other and ask ``rounds`` times, 100 ms each."""
    maker = Maker(per_block=64)
    generator = np.random.default_rng(3)
    for client in range(clients):
        start = ramp_ms * client / clients
        for place in range(rounds):
            gap = float(generator.uniform(4, 6))
            bad = failed and (client + place) % 7 == 0
            maker.simple(start, 50, gap, 11, **({"outcome": 1} if bad else {}))
            start += 50 + gap * 10
    return maker


def test_ramp_and_drain_are_left_out() -> None:
    maker = closed_loop(clients=40, rounds=20, ramp_ms=600)
    window = steady_window(maker.recording(), streamed=True)
    assert window.begin is not None and window.end is not None
    # The last client starts at 600 ms; the first one ends at about 2000 ms.
    assert 300 * MS < window.begin < 800 * MS
    assert 1800 * MS < window.end < 2300 * MS
    assert "MSER" in window.note


def test_an_even_run_is_steady_nearly_throughout() -> None:
    maker = Maker(per_block=50)
    for i in range(500):
        maker.simple(i * 10, 20, 1, 10)
    window = steady_window(maker.recording(), streamed=True)
    assert window.begin is not None and window.end is not None
    assert window.end - window.begin > 0.95 * 5000 * MS


def test_a_slope_has_no_steady_part() -> None:
    maker = Maker(per_block=50)
    for i in range(600):
        maker.simple(5000 * (i / 600) ** 0.5, 20, 1, 10)
    recording = maker.recording()
    window = steady_window(recording, streamed=True)
    assert window.begin is None
    assert "changed by +" in window.note
    steady = measure(recording)[1]
    assert (steady.name, steady.statistics, steady.figures) == ("steady", (), ())
    assert steady.note == window.note


def test_a_slope_that_may_be_chance_is_too_little_to_tell() -> None:
    # Few, long and of any length: the rate of tokens falls by far more than a quarter.
    found = []
    for seed in range(12):
        chance = np.random.default_rng(seed)
        maker = Maker(per_block=50)
        for sent in np.cumsum(chance.exponential(60, 40)):
            maker.simple(float(sent), 20, 3, int(chance.geometric(0.01)))
        window = steady_window(maker.recording(), streamed=True)
        found.append(window.note)
        if window.begin is not None:
            assert abs(float(window.note.rpartition("slope ")[2].rstrip("%"))) <= 25
    assert any(note.startswith("too little to tell: the rate") for note in found)


def test_a_stretch_in_which_hardly_an_answer_ended_is_too_little_to_tell() -> None:
    maker = Maker(per_block=50)
    for number in range(15):
        maker.simple(number, 20, 1, 10)
        maker.simple(number, 20, 10, 1000)  # all end together, long after the others
    window = steady_window(maker.recording(), streamed=True)
    assert window.begin is None or "MSER" in window.note
    for _ in range(15):
        maker.simple(12_000, 20, 10, 1000, outcome=2, completion_tokens=-1)
    # The evenest stretch may lie where the cut ones ran, and nothing ended.
    window = steady_window(maker.recording(), streamed=True)
    if window.begin is not None and window.end is not None:
        done = maker.recording().columns["done"]
        assert ((done >= window.begin) & (done <= window.end)).sum() >= 10


def test_chance_is_no_slope() -> None:
    found = 0
    for seed in range(20):
        maker = Maker(per_block=50)
        for sent in np.cumsum(np.random.default_rng(seed).exponential(10, 400)):
            maker.simple(float(sent), 20, 3, 30)
        found += steady_window(maker.recording(), streamed=True).begin is not None
    assert found >= 17


def test_a_tail_of_stragglers_is_not_the_steady_part() -> None:
    maker = Maker(per_block=50)
    for i in range(200):
        maker.simple(i * 10, 20, 1, 10)
    maker.simple(0, 20, 5, 1000)  # alone from 2 to 5 s, very evenly
    window = steady_window(maker.recording(), streamed=True)
    assert window.begin is not None and window.end is not None
    assert window.end < 2200 * MS


def test_too_few() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 5)
    window = steady_window(maker.recording(), streamed=True)
    assert window.begin is None and "1 requests were answered" in window.note


def test_requests_stand_in_where_tokens_are_unknown() -> None:
    maker = Maker(per_block=50)
    for i in range(300):
        maker.simple(i * 10, 20, 1, 10, completion_tokens=-1)
    window = steady_window(maker.recording(), streamed=True)
    assert window.begin is not None and "completed requests" in window.note


def test_work_is_spread_evenly() -> None:
    work = EvenWork(
        begin=np.array([0, 10]), end=np.array([10, 10]), amount=np.array([5.0, 2.0]), what="tokens"
    )
    assert work.by(np.array([0.0, 4.0, 10.0, 99.0])).tolist() == pytest.approx([0, 2, 5, 7])


def test_departures_come_before_arrivals_at_one_time() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 1)
    maker.simple(10, 10, 1, 1)
    assert in_flight(maker.recording()).peak(0, 30 * MS) == 1


def test_full_concurrency_by_hand() -> None:
    maker = Maker()
    maker.simple(0, 100, 1, 1)
    maker.simple(10, 50, 1, 1)  # the first start with 2 in flight
    maker.simple(70, 20, 1, 1)  # the second one, at 70
    maker.simple(95, 60, 1, 1)  # at 100 one is left
    maker.simple(120, 60, 1, 1)  # the last one, until 155
    window = full_concurrency_window(maker.recording(), 2)
    assert (window.begin, window.end) == (70 * MS, 155 * MS)
    stage = aisbench_stable_stage(maker.recording(), 2)
    assert stage is not None
    assert stage[:2] == (70 * MS, 120 * MS)
    # Theirs ends with the last start, and counts it; ours lasts for as long as 2 are in flight.
    assert stage[2].sum() == 3
    population = measure(maker.recording(), MetricOptions(max_concurrency=2))[2]
    assert {f.name: f.value for f in population.figures}["total_requests"] == 3
    assert population.figures[0].value == pytest.approx(0.085)


def test_a_window_shorter_than_an_answer_is_no_window() -> None:
    """8 streams without a pause, cut at 5 s: the second start with 8 in flight is at 3 s."""
    maker = Maker()
    for number in range(8):
        first = maker.simple(number * 0.1, 20, 20, 150)
        maker.simple(first["done"] / MS + 0.1, 20, 20, 90, outcome=2, completion_tokens=-1)
    window = full_concurrency_window(maker.recording(), 8)
    assert window.begin is None
    assert window.note.startswith("too little to tell: 8 were in flight for 1.8 s")
    long = Maker()
    for number in range(8):
        first = long.simple(number * 0.1, 20, 20, 150)
        long.simple(first["done"] / MS + 0.1, 20, 20, 150)
    window = full_concurrency_window(long.recording(), 8)
    assert window.begin is not None and window.end is not None
    assert window.end - window.begin == pytest.approx(3000 * MS, rel=0.01)
    # All end at once and begin again: 3 s of full concurrency, in which not one of them ended.
    burst = Maker()
    for start in (0, 3100):
        for number in range(8):
            burst.simple(start + number * 0.001, 20, 20, 150)
    window = full_concurrency_window(burst.recording(), 8)
    assert window.begin is None and "in which 0 answers ended" in window.note


def test_failures_do_not_hide_full_concurrency() -> None:
    maker = Maker()
    for i in range(4):
        maker.simple(i * 100, 90, 1, 1)
        maker.simple(i * 100, 90, 1, 1, outcome=1)
    recording = maker.recording()
    assert full_concurrency_window(recording, 2).begin == 100 * MS
    assert aisbench_stable_stage(recording, 2) is None


def test_never_full() -> None:
    maker = Maker()
    maker.simple(0, 10, 1, 1)
    window = full_concurrency_window(maker.recording(), 5)
    assert window.begin is None and "never" in window.note


def test_steady_throughput_is_that_of_the_plateau() -> None:
    maker = closed_loop(clients=40, rounds=20, ramp_ms=600)
    run, steady = measure(maker.recording())[:2]
    rate = {p.name: {f.name: f for f in p.figures} for p in (run, steady)}
    # 40 clients, 100 ms a request on average.
    found = rate["steady"]["request_throughput"]
    assert found.value == pytest.approx(400, rel=0.03)
    assert found.low is not None and found.high is not None
    assert rate["steady"]["output_token_throughput"].value == pytest.approx(4400, rel=0.03)
    assert rate["run"]["request_throughput"].value < 330
