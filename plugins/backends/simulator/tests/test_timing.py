"""Token times, by the server's own record: what a client measures is not tested here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench_plugin_simulator.schedule import Schedule
from aisbench_plugin_simulator.settings import SimulatorSettings


def schedule(**settings: Any) -> Schedule:
    return Schedule.of(SimulatorSettings(**settings), "body", 0, 0.0)


def test_times_are_absolute() -> None:
    plan = schedule(ttft_ms=50, tpot_ms=10)
    assert [plan.due(n) for n in (0, 1, 100)] == pytest.approx([0.05, 0.06, 1.05])
    assert not plan.instant
    assert schedule().instant


@given(st.floats(0, 1))
def test_jitter_keeps_the_order_and_does_not_drift(jitter: float) -> None:
    plan = schedule(ttft_ms=50, tpot_ms=10, jitter=jitter)
    times = [plan.due(n) for n in range(300)]
    assert times == sorted(times)
    assert abs(times[0] - 0.05) <= 0.05 * jitter + 1e-9
    assert times[299] - times[0] == pytest.approx(2.99, abs=0.0051)


def test_jitter_differs_between_attempts() -> None:
    settings = SimulatorSettings(ttft_ms=50, jitter=0.5)
    assert len({Schedule.of(settings, "body", attempt, 0).due(0) for attempt in range(9)}) == 9


def test_stream_keeps_its_times(serve: Callable[..., Any]) -> None:
    api = serve(ttft_ms=60, tpot_ms=5)
    threads = [
        threading.Thread(
            target=api.chat, args=(f"Question {n}",), kwargs={"stream": True, "max_tokens": 21}
        )
        for n in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = api.log()
    assert len(log) == 10
    assert api.stats()["peak_in_flight"] > 1
    for record in log:
        first = (record["first_token_ns"] - record["arrival_ns"]) / 1e6
        last = (record["last_token_ns"] - record["arrival_ns"]) / 1e6
        # Never early; late by what a busy machine may take.
        assert 59.9 <= first < 160
        assert 159.9 <= last < 300
        assert record["done_ns"] >= record["last_token_ns"]
        assert record["tokens"] == 21


def test_whole_answer_takes_as_long(serve: Callable[..., Any]) -> None:
    api = serve(ttft_ms=20, tpot_ms=5)
    api.chat(max_tokens=11)
    (record,) = api.log()
    assert 69.9 <= (record["done_ns"] - record["arrival_ns"]) / 1e6 < 250
    assert record["first_token_ns"] is None


def test_client_that_goes_away(serve: Callable[..., Any]) -> None:
    api = serve(ttft_ms=30_000)
    with pytest.raises(TimeoutError):
        api.chat(timeout=0.1, stream=True)
    while api.stats()["in_flight"]:
        pass
    assert api.stats()["outcomes"] == {"cancelled": 1}
