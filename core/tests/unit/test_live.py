"""What displays are told: rates and latencies of the last seconds, read while workers write."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from aisbench.clock import now_ns
from aisbench.load import live as live_module
from aisbench.load.board import Board
from aisbench.load.live import Live, Tail
from aisbench.load.recorder import Recorder
from aisbench.store.arrays import ABSENT, FIELDS, Outcome, Phase

MS = 1_000_000


def add(recorder: Recorder, ttft: int, gaps: list[int], **fields: int) -> None:
    """An answer; times in ms."""
    times = [ttft * MS]
    for gap in gaps:
        times.append(times[-1] + gap * MS)
    values = dict.fromkeys(FIELDS, ABSENT)
    values.update(
        phase=Phase.MEASURED, outcome=Outcome.SUCCESS, scheduled=-MS, sent=0, first_token=times[0],
        last_token=times[-1], done=times[-1], completion_tokens=len(times), events=len(times),
        reads=len(times),
    )  # fmt: skip
    values.update(fields)
    recorder.add(
        [values[name] for name in FIELDS], array("q", [x for time in times for x in (time, 1)])
    )


def test_latencies_are_those_of_the_workers_files(tmp_path: Path) -> None:
    live, tail = Live(label="load"), Tail(tmp_path, 2)
    tail.look(live)
    assert live.ttft_ms is None
    first, second = Recorder(tmp_path, 0), Recorder(tmp_path, 1)
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


def test_a_row_that_is_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    recorder = Recorder(other, 0)
    add(recorder, 10, [1])
    add(recorder, 20, [1])
    recorder.close()
    rows = (other / "requests-0.bin").read_bytes()
    (tmp_path / "events-0.bin").write_bytes((other / "events-0.bin").read_bytes())
    live, tail = Live(label="load"), Tail(tmp_path, 1)
    for cut, count in ((len(rows) // 2 + 11, 1), (len(rows), 2)):
        (tmp_path / "requests-0.bin").write_bytes(rows[:cut])
        tail.look(live)
        assert tail.measured == count


def test_what_is_old_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live, tail = Live(label="load"), Tail(tmp_path, 1)
    recorder = Recorder(tmp_path, 0)
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
    live = Live(label="load")
    Tail(tmp_path, 1).look(live)
    assert live.itl_ms is None


def test_rates_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(2)
    clock = [now_ns()]
    monkeypatch.setattr(live_module, "now_ns", lambda: clock[0])
    board["start"] = clock[0]
    live = Live(label="load", due_ns=[i * 100 * MS for i in range(1000)])
    for second in range(10):
        clock[0] = board["start"] + second * 1000 * MS
        mine = board.worker(second % 2)
        mine["done"] += 8
        mine["tokens"] += 80
        live.read(board)
    # Each second 8 ended where 10 were due.
    assert live.asked_rate == pytest.approx(10, rel=0.03)
    assert live.achieved_rate == pytest.approx(8)
    assert live.tokens_rate == pytest.approx(80)
    assert live.done == 80
    board.close()
