"""The client's own verdict: each doubt at its threshold, and none without cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from documents import load_document
from recordings import MS, Maker

from aisbench.loadgen.client_health import assess
from aisbench.metrics.delivery import Delivery
from aisbench.store.recording.columns import AttemptOutcome, Phase
from aisbench.store.recording.documents import LoadDocument, WorkerReport, WorkerTotals
from aisbench.types.performance import Health

GOOD_WORKER = WorkerTotals(cpu_ns=400, wall_ns=1000, opened=4, opened_before=4)
CALM = WorkerReport(worker=0, read_lag_ns=(100_000, 200_000), loop_lag_ns=(50_000,))


def load(**changes: Any) -> LoadDocument:
    """A load's document with a calm worker."""
    document = load_document(open_loop=True, counters=(GOOD_WORKER,), workers=(CALM,))
    return attrs.evolve(document, **changes)


def open_loop(lag_ms: float = 0.1, count: int = 200, gap_ms: float = 20.0) -> Maker:
    maker = Maker()
    for number in range(count):
        maker.simple(
            sent=number * gap_ms + lag_ms,
            ttft=10,
            gap=1,
            count=3,
            scheduled=int(number * gap_ms * MS),
        )
    return maker


def health(
    maker: Maker, document: LoadDocument, limits: Mapping[str, float] | None = None
) -> Health:
    return assess(maker.recording(), document, limits or {})


def test_a_calm_run_is_no_cause_for_doubt() -> None:
    found = health(open_loop(), load(), {"events_per_s": 1e6})
    assert found.kept_up
    assert found.doubts == ()
    assert found.values["schedule_lag_ms_p99"] == pytest.approx(0.1)
    assert found.values["read_lag_ms_mean"] == pytest.approx(0.15)
    assert found.values["loop_lag_ms_max"] == pytest.approx(0.05)
    assert found.values["cpu_share_max"] == 0.4
    assert found.values["events_per_read"] == 1
    assert found.values["rate_asked"] == pytest.approx(50)


@pytest.mark.parametrize(("lag", "doubted"), [(1.9, False), (2.1, True)])
def test_late_requests_of_an_open_loop(lag: float, doubted: bool) -> None:
    found = health(open_loop(lag), load())
    assert found.kept_up is not doubted
    assert any("sent late (99th percentile 2.1 ms)" in doubt for doubt in found.doubts) is doubted


def test_lag_that_latencies_dwarf_is_no_doubt() -> None:
    maker = Maker()
    for number in range(50):
        maker.simple(sent=number * 20 + 4, ttft=100, gap=1, count=3, scheduled=number * 20 * MS)
    assert health(maker, load()).kept_up


def test_retries_warm_up_and_what_was_never_sent_do_not_count_as_late() -> None:
    maker = open_loop()
    maker.simple(sent=500, ttft=5, gap=1, count=2, scheduled=0, attempt=2)
    maker.simple(sent=900, ttft=5, gap=1, count=2, scheduled=0, phase=int(Phase.WARM_UP))
    maker.add(outcome=int(AttemptOutcome.FAILED), scheduled=5)
    assert health(maker, load()).kept_up


def test_late_reading() -> None:
    slow = WorkerReport(worker=0, read_lag_ns=(2 * MS, 3 * MS))
    found = health(open_loop(), load(workers=(slow,)))
    assert "answers were read late (mean 2.5 ms" in found.doubts[0]


def test_a_busy_worker() -> None:
    counters = (GOOD_WORKER, attrs.evolve(GOOD_WORKER, cpu_ns=950))
    found = health(open_loop(), load(counters=counters))
    assert "a worker used 95% of a core" in found.doubts[0]
    assert found.values["cpu_share_mean"] == pytest.approx(0.675)


def test_idle_clients_of_a_closed_loop() -> None:
    busy, idle = Maker(), Maker()
    for number in range(50):
        begin = number * 20
        busy.simple(sent=begin + 0.1, ttft=10, gap=3, count=3, scheduled=begin * MS)
        idle.simple(sent=begin + 4, ttft=10, gap=3, count=3, scheduled=begin * MS)
    document = load(open_loop=False)
    assert health(busy, document).kept_up
    found = health(idle, document)
    assert found.values["idle_share"] == pytest.approx(0.2)
    assert "virtual clients idled 20.0% of the time" in found.doubts[0]


def test_requests_that_were_held_back() -> None:
    found = health(open_loop(30), load(counters=(attrs.evolve(GOOD_WORKER, held_back=7),)))
    assert len(found.doubts) == 1
    assert found.doubts[0].startswith("7 requests waited because load.max_concurrency")


def test_a_rate_that_was_not_reached() -> None:
    maker = Maker()
    for number in range(200):
        # Later and later: 49 requests/s instead of 50.
        maker.simple(sent=number * 20.4, ttft=2000, gap=1, count=2, scheduled=number * 20 * MS)
    found = health(maker, load())
    assert found.doubts == ("49.02 requests/s were sent where 50.00 were due",)


def test_a_burst_has_no_rate() -> None:
    maker = Maker()
    for number in range(50):
        maker.simple(sent=number * 0.01, ttft=10, gap=1, count=2, scheduled=0)
    found = health(maker, load())
    assert found.kept_up
    assert found.values["rate_asked"] > found.values["rate_achieved"]


def test_more_than_this_machine_was_seen_to_measure_rightly() -> None:
    # 200 answers of 3 events in 3.992 s.
    found = health(open_loop(), load(), {"events_per_s": 100.0})
    assert "150 events/s came in" in found.doubts[0]
    assert "true up to 100 events/s" in found.doubts[0]


def test_a_calibration_that_found_nothing_is_none() -> None:
    assert health(open_loop(), load(), {"events_per_s": 0.0}).kept_up


def test_stalls_of_the_machine_are_told_with_the_doubts_that_they_cause() -> None:
    calm = health(open_loop(), load(stalls_ns=(80 * MS,)))
    assert calm.kept_up
    assert calm.values["stall_ms_max"] == 80
    late = health(open_loop(5), load(stalls_ns=(80 * MS, 30 * MS)))
    assert "stood still, or had no core left, 2 times (up to 80 ms)" in late.doubts[1]


def test_connections_opened_late_are_told_apart() -> None:
    maker = open_loop()
    maker.simple(sent=1, ttft=10, gap=1, count=2, connect=3 * MS)
    counters = (
        attrs.evolve(GOOD_WORKER, opening_ns=8 * MS, opening_longest_ns=5 * MS, reconnects=2),
    )
    found = health(maker, load(counters=counters))
    assert found.values["connect_before_start_ms_mean"] == 2
    assert found.values["connect_before_start_ms_max"] == 5
    assert found.values["connected_late"] == 1
    assert found.values["connected_late_ms_mean"] == 3
    assert found.values["reconnects"] == 2


def test_a_load_of_which_nothing_is_left() -> None:
    found = health(Maker(), load_document(open_loop=True), {"events_per_s": 5.0})
    assert found.kept_up
    assert found.values["workers"] == 0


def loop(good: int, bad: int, quick_ms: float, pause_ms: float = 0.3, **odd: int) -> Maker:
    """A closed loop with answers of 22 ms, and requests that end after ``quick_ms``."""
    maker = Maker()
    begin = 0.0
    for number in range(good + bad):
        sent = begin + pause_ms
        fields = {"scheduled": int(begin * MS)}
        if number * good // (good + bad) != (number + 1) * good // (good + bad):
            maker.simple(sent=sent, ttft=10, gap=4, count=4, **fields)
            begin = sent + 22
        else:
            done = int((sent + quick_ms) * MS)
            maker.add(sent=int(sent * MS), dispatched=int(sent * MS), done=done, **fields, **odd)
            begin = sent + quick_ms
    return maker


@pytest.mark.parametrize(
    "odd",
    [
        {"outcome": int(AttemptOutcome.FAILED), "status": 429},
        {"outcome": int(AttemptOutcome.SUCCESS), "completion_tokens": 0},
    ],
)
def test_the_client_is_not_blamed_for_requests_that_end_at_once(odd: dict[str, int]) -> None:
    found = health(loop(20, 80, 1.0, **odd), load(open_loop=False))
    assert found.kept_up
    # 100 pauses of 0.3 ms beside 20 answers of 22 ms and 80 of 1 ms.
    assert found.values["idle_share"] == pytest.approx(30 / (30 + 440 + 80), rel=0.01)
    (doubt,) = found.doubts
    assert doubt.startswith("virtual clients idled 5.5% of the time")
    assert doubt.endswith("80 of 100 requests failed or brought no token, and ended at once")
    # Few of them, and there is nothing to tell.
    assert health(loop(80, 20, 1.0, **odd), load(open_loop=False)).doubts == ()
    # None but them: nobody can be blamed.
    assert health(loop(0, 50, 0.4, **odd), load(open_loop=False)).kept_up


def test_a_slow_client_is_blamed_beside_failures_as_well() -> None:
    maker = loop(50, 50, 1.0, pause_ms=3.0, outcome=int(AttemptOutcome.FAILED))
    found = health(maker, load(open_loop=False))
    assert not found.kept_up
    assert "virtual clients idled" in found.doubts[0]
    assert "failed" not in found.doubts[0]


def test_failures_that_last_are_time_in_flight() -> None:
    """Seconds until a server gives up are not idle: they were, when successes alone counted."""
    maker = loop(2, 50, 500.0, pause_ms=2.0, outcome=int(AttemptOutcome.FAILED))
    found = health(maker, load(open_loop=False))
    assert found.kept_up and not found.doubts
    assert found.values["idle_share"] < 0.01


def test_the_rate_of_events_is_that_of_all_requests() -> None:
    maker = open_loop()
    for row in maker.rows[::2]:
        row["outcome"] = int(AttemptOutcome.CANCELLED)
    found = health(maker, load(), {"events_per_s": 100.0})
    assert "150 events/s came in" in found.doubts[0]


def test_how_answers_came_is_a_doubt_and_not_the_client_s() -> None:
    came = Delivery(doubts=("9 of 9 streams came in one piece",), values={"streams": 9})
    found = assess(open_loop().recording(), load(), {}, came)
    assert found.kept_up
    assert found.doubts == ("9 of 9 streams came in one piece",)
    assert found.values["streams"] == 9
    late = assess(open_loop(9).recording(), load(), {}, came)
    assert not late.kept_up
    assert late.doubts[-1] == came.doubts[0]
