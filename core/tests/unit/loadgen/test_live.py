"""What displays are told: rates and latencies of the last seconds, read while workers write."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from aisbench.base.clock import now_ns
from aisbench.loadgen import live as live_module
from aisbench.loadgen.live import LiveLoad, Tail
from aisbench.loadgen.shared_counters import SharedCounters
from aisbench.store.recording.columns import ABSENT, FIELDS, AttemptOutcome, Phase
from aisbench.store.recording.writer import RecordingWriter

MS = 1_000_000


def add(recorder: RecordingWriter, ttft: int, gaps: list[int], **fields: int) -> None:
    """An answer; times in ms."""
    times = [ttft * MS]
    for gap in gaps:
        times.append(times[-1] + gap * MS)
    values = dict.fromkeys(FIELDS, ABSENT)
    values.update(
        phase=Phase.MEASURED, outcome=AttemptOutcome.SUCCESS, scheduled=-MS, sent=0,
        first_token=times[0],
        last_token=times[-1], done=times[-1], completion_tokens=len(times), events=len(times),
        reads=len(times),
    )  # fmt: skip
    values.update(fields)
    recorder.add(
        [values[name] for name in FIELDS], array("q", [x for time in times for x in (time, 1)])
    )


def test_latencies_are_those_of_the_workers_files(tmp_path: Path) -> None:
    live, tail = LiveLoad(label="load"), Tail(tmp_path, 2)
    tail.look(live)
    assert live.ttft_ms is None
    first, second = RecordingWriter(tmp_path, 0), RecordingWriter(tmp_path, 1)
    add(first, 10, [2, 2, 2])
    add(first, 1000, [500], phase=Phase.WARM_UP)
    first.flush()
    tail.look(live)
    assert live.ttft_ms == pytest.approx((10, 10))
    assert live.lag_ms == pytest.approx(1)
    # Events of the warm-up are among the gaps; those between two requests never are.
    assert live.itl_ms is not None
    assert live.itl_ms[0] == pytest.approx(2)
    add(second, 30, [4])
    second.flush()
    add(first, 20, [])
    first.flush()
    tail.look(live)
    assert live.ttft_ms is not None
    assert live.ttft_ms[0] == pytest.approx(20)
    assert tail.measured == 3
    assert tail.sums["ttft"][:2] == (3, pytest.approx(60))
    assert tail.sums["itl"][:2] == (2, pytest.approx(6))
    assert tail.sums["tpot"][:2] == (2, pytest.approx(6))
    assert tail.sums["e2el"][:2] == (3, pytest.approx(70))


def test_what_a_criterion_sums_up_is_what_the_report_shows(tmp_path: Path) -> None:
    live, tail = LiveLoad(label="load"), Tail(tmp_path, 1)
    recorder = RecordingWriter(tmp_path, 0)
    add(recorder, 10, [2, 2, 2])
    add(recorder, 1000, [], completion_tokens=4, events=4)  # in one piece
    add(recorder, 1, [], first_token=ABSENT, last_token=ABSENT, completion_tokens=0, events=0)
    recorder.close()
    tail.look(live)
    assert tail.sums["tpot"][:2] == (1, pytest.approx(2))
    assert tail.sums["itl"][:2] == (1, pytest.approx(2))
    assert tail.sums["e2el"][0] == 2


def test_a_row_that_is_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    recorder = RecordingWriter(other, 0)
    add(recorder, 10, [1])
    add(recorder, 20, [1])
    recorder.close()
    rows = (other / "requests-0.bin").read_bytes()
    (tmp_path / "events-0.bin").write_bytes((other / "events-0.bin").read_bytes())
    live, tail = LiveLoad(label="load"), Tail(tmp_path, 1)
    for cut, count in ((len(rows) // 2 + 11, 1), (len(rows), 2)):
        (tmp_path / "requests-0.bin").write_bytes(rows[:cut])
        tail.look(live)
        assert tail.measured == count


def test_what_is_old_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live, tail = LiveLoad(label="load"), Tail(tmp_path, 1)
    recorder = RecordingWriter(tmp_path, 0)
    add(recorder, 10, [1])
    recorder.close()
    tail.look(live)
    assert live.ttft_ms is not None
    monkeypatch.setattr(live_module, "RECENT_NS", 0)
    tail.look(live)
    assert live.ttft_ms is None
    assert tail.measured == 1


def test_events_without_rows_before_the_first_flush_are_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "events-0.bin").write_bytes(b"x" * 40)
    live = LiveLoad(label="load")
    Tail(tmp_path, 1).look(live)
    assert live.itl_ms is None


def test_rates_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SharedCounters(2)
    clock = [now_ns()]
    monkeypatch.setattr(live_module, "now_ns", lambda: clock[0])
    shared["start"] = clock[0]
    live = LiveLoad(label="load", due_ns=[i * 100 * MS for i in range(1000)])
    for second in range(10):
        clock[0] = shared["start"] + second * 1000 * MS
        mine = shared.worker(second % 2)
        mine["done"] += 8
        mine["tokens"] += 80
        live.read(shared)
    # Each second 8 ended where 10 were due.
    assert live.asked_rate == pytest.approx(10, rel=0.03)
    assert live.achieved_rate == pytest.approx(8)
    assert live.tokens_rate == pytest.approx(80)
    assert live.done == 80
    shared.close()


def run_for(
    monkeypatch: pytest.MonkeyPatch, seconds: float, each: float = 0.2, before: int = 0
) -> LiveLoad:
    """A load of 10 requests of 8 events a second, looked at each ``each`` seconds."""
    shared = SharedCounters(1)
    clock = [now_ns()]
    monkeypatch.setattr(live_module, "now_ns", lambda: clock[0])
    live = LiveLoad(label="load")
    mine = shared.worker(0)
    # The warm-up, for 60 s: its answers are in the counters of tokens.
    mine["events"] = before
    live.read(shared)
    clock[0] += 60_000 * MS
    live.read(shared)
    begun = shared["start"] = clock[0]
    while clock[0] - begun < seconds * 1000 * MS:
        clock[0] += int(each * 1000 * MS)
        ended = int((clock[0] - begun) / MS / 100 + 1e-6)
        mine["done"], mine["events"] = ended, before + 8 * ended
        live.read(shared)
    shared.close()
    return live


@pytest.mark.parametrize("seconds", [0.4, 1, 4.8, 5, 5.2, 30])
def test_rates_are_those_of_the_load_alone(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    live = run_for(monkeypatch, seconds, before=100_000)
    assert live.achieved_rate == pytest.approx(10, rel=0.02)
    assert live.tokens_rate == pytest.approx(80, rel=0.02)
    assert live.seconds == pytest.approx(seconds, abs=0.2)


def test_a_rate_covers_the_seconds_that_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    live = run_for(monkeypatch, 20)
    span = live._history[-1].time_ns - live._history[0].time_ns
    assert 5000 * MS <= span <= 5200 * MS


def test_at_the_end_the_rates_are_those_of_the_whole_load(monkeypatch: pytest.MonkeyPatch) -> None:
    live = run_for(monkeypatch, 0.1, each=0.1)
    assert live.achieved_rate is None  # too short to be shown while it runs
    live.close()
    assert live.achieved_rate == pytest.approx(10)
    live = run_for(monkeypatch, 20)
    live._history.append(live_module._Reading(live.start_ns + 100_000 * MS, 200, 1600))
    live.close()
    assert live.achieved_rate == pytest.approx(2)
    assert live.tokens_rate == pytest.approx(16)
    assert live.seconds == pytest.approx(100)


def test_the_line_of_a_display_says_what_its_rates_are_of(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from aisbench.cli.live_view import LiveView
    from aisbench.cli.load_display import LoadDisplay
    from aisbench.stages.loads_progress import LoadsProgress

    live = run_for(monkeypatch, 20)
    display = LoadDisplay(live, LoadsProgress(), LiveView(Console()))
    assert display._line() == (
        "load: 20 s, 200 done, 0 failed; in the last 5 s: 10.0 requests/s, 80 tokens/s"
    )
    live.close()
    assert display._line() == "load: 20.0 s, 200 done, 0 failed, 10.0 requests/s, 80 tokens/s"
