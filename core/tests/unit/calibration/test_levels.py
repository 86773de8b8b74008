"""The calibration against its own server: what it sees is what the server's log says."""

from __future__ import annotations

import pytest

from aisbench.calibration import levels
from aisbench.calibration.levels import Level
from aisbench.calibration.server import Pace

MS = 1_000_000


def level(**changes: float) -> Level:
    values = {
        "in_flight": 10, "events_per_s": 1e5, "truth_ms": 50.0, "mean_gap_ms": 0.4,
        "tail_gap_ms": 3.0, "cpu_share": 0.5,
    }  # fmt: skip
    return Level(**{**values, **changes})  # type: ignore[arg-type]


def test_a_level_is_true_while_mean_and_tail_are_near_the_truth() -> None:
    assert level().true
    assert not level(mean_gap_ms=levels.MEAN_MS + levels.SHARE * 50 + 0.1).true
    assert not level(tail_gap_ms=levels.TAIL_MS + levels.SHARE * 50 + 0.1).true
    # Latencies of a second forgive more than those of 50 ms.
    assert level(mean_gap_ms=levels.SHARE * 1000, truth_ms=1000).true


@pytest.mark.alone
def test_one_small_level_for_real() -> None:
    pace = Pace(ttft_ns=30 * MS, tpot_ns=5 * MS, tokens=4)
    found = levels._run(pace, in_flight=4, requests=12)
    assert found.in_flight == 4
    assert 30 <= found.truth_ms < 200
    assert found.mean_gap_ms < 100
    # 12 answers of 4 events, 4 at a time, each 45 ms and the server's half millisecond long.
    assert 50 < found.events_per_s < 48 / 0.135


def test_levels_end_at_the_first_that_is_not_true(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def run(pace: Pace, in_flight: int, requests: int) -> Level:
        seen.append((in_flight, requests))
        return level(in_flight=in_flight, mean_gap_ms=100.0 if in_flight >= 200 else 0.1)

    monkeypatch.setattr(levels, "_run", run)
    found = list(levels.fast_tokens())
    assert [one.in_flight for one in found] == [50, 100, 200]
    assert [one.true for one in found] == [True, True, False]
    assert seen[0] == (50, 50 * levels.ROUNDS)
