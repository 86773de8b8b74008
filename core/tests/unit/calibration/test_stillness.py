"""A machine that stood still: told from one that is only too slow, and its calibration refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import attrs
import pytest

from aisbench.base.errors import AisbenchError
from aisbench.calibration import levels
from aisbench.calibration.levels import Level
from aisbench.calibration.server import Pace
from aisbench.calibration.stillness import Clocks, read_clocks, stood_still
from aisbench.cli import main
from aisbench.store.recording.documents import WorkerReport

MS = 1_000_000
S = 1000 * MS
BEFORE = Clocks(running=0, passed=50 * S, stolen=0, throttled=0)
AFTER = Clocks(running=2 * S, passed=52 * S, stolen=0, throttled=0)
LEVEL = Level(
    in_flight=50, events_per_s=5000.0, truth_ms=50.0, mean_gap_ms=0.1, tail_gap_ms=1.0,
    cpu_share=0.3,
)  # fmt: skip

LOOP_LATE = WorkerReport(worker=0, loop_lag_ns=(S,))
READ_LATE = WorkerReport(worker=0, read_lag_ns=(S,))


@pytest.mark.parametrize(
    ("after", "more", "says"),
    [
        ({}, {}, ""),
        ({"passed": 55 * S}, {}, "the machine was suspended for 3.0 s"),
        ({"stolen": 500 * MS}, {"cores": 2}, "took 12% of its processors' time (steal)"),
        ({"stolen": 100 * MS}, {"cores": 2}, ""),
        ({"stolen": None, "throttled": None}, {}, ""),
        ({"throttled": 800 * MS}, {}, "held it back for 40% of the time"),
        ({}, {"stalls_ns": [20 * MS, 700 * MS]}, "not let run for up to 700 ms at once"),
        ({}, {"stalls_ns": [30 * MS] * 8}, "not let run for 12% of the time, in 8 pieces"),
        ({}, {"stalls_ns": [30 * MS] * 3}, ""),
        # Late with hardly any work done is one thing, late with a busy core another.
        ({}, {"workers": [LOOP_LATE], "cpu_share": 0.1}, "up to 1000 ms at once"),
        ({}, {"workers": [READ_LATE], "cpu_share": 0.1}, "up to 1000 ms at once"),
        ({}, {"workers": [LOOP_LATE], "cpu_share": 0.9}, ""),
    ],
)
def test_what_counts_as_standing_still(
    after: dict[str, int | None], more: dict[str, object], says: str
) -> None:
    found = stood_still(BEFORE, attrs.evolve(AFTER, **after), **more)  # type: ignore[arg-type]
    assert says in found
    assert bool(found) is bool(says)


def test_the_system_s_files(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  1 2 3 4 5 6 7 250 0 0\ncpu0 9 9 9 9 9 9 9 9\n")
    (tmp_path / "cpu.stat").write_text("usage_usec 5\nthrottled_usec 1500\n")
    clocks = read_clocks(tmp_path, tmp_path)
    assert clocks.stolen == 250 * S // os.sysconf("SC_CLK_TCK")
    assert clocks.throttled == 1_500_000
    (tmp_path / "cpu.stat").unlink()
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.stat").write_text("throttled_time 77\n")
    assert read_clocks(tmp_path, tmp_path).throttled == 77
    for odd in ("", "cpu 1 2", "cpu a b c d e f g h"):
        (tmp_path / "stat").write_text(odd)
        assert read_clocks(tmp_path, tmp_path).stolen is None
    nothing = read_clocks(tmp_path / "none", tmp_path / "none")
    assert (nothing.stolen, nothing.throttled) == (None, None)
    assert not stood_still(nothing, read_clocks(tmp_path / "none", tmp_path / "none"))


def test_right_figures_are_believed_and_wrong_ones_only_if_the_client_ran() -> None:
    still = attrs.evolve(LEVEL, stood_still="the machine slept")
    assert levels.believed(still) is still
    wrong = attrs.evolve(LEVEL, mean_gap_ms=99.0)
    assert levels.believed(wrong) is wrong
    with pytest.raises(AisbenchError, match="refused and nothing is kept: the machine slept") as e:
        levels.believed(attrs.evolve(wrong, stood_still="the machine slept"))
    assert "an earlier calibration still holds" in e.value.hint


@pytest.mark.parametrize("first", ["flat out", "late", "never right"])
def test_a_refused_calibration_leaves_the_earlier_one(
    first: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    still = "processes were not let run for up to 700 ms at once"

    def run(pace: Pace, in_flight: int, requests: int) -> Level:
        level = attrs.evolve(LEVEL, in_flight=in_flight)
        if first == "flat out":
            return attrs.evolve(level, stood_still=still)
        if pace is levels.FLAT_OUT:
            return level
        wrong = first == "never right" or in_flight >= 200
        return attrs.evolve(
            level,
            mean_gap_ms=50.0 if wrong else 0.1,
            stood_still=still if wrong and first == "late" else "",
        )

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(levels, "_run", run)
    monkeypatch.setattr("aisbench.settings.fields.data_home", lambda: tmp_path)
    kept = tmp_path / "calibration.json"
    kept.write_text("{}")
    assert main(["calibrate"]) == 2
    assert kept.read_text() == "{}"
    error = capsys.readouterr().err
    assert "refused and nothing is kept" in error
    assert ("lightest load" in error) is (first == "never right")


PROGRAM = """
from aisbench.calibration import levels
from aisbench.calibration.server import Pace
print("go", flush=True)
level = levels._run(Pace(ttft_ns=100_000_000, tpot_ns=20_000_000, tokens=5), 4, 40)
print(level.true, level.stood_still)
"""


@pytest.mark.alone
def test_stopped_in_the_middle_for_real() -> None:
    """As a laptop's lid or a debugger does it: the whole group elapses and does nothing."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(0.9)
        os.killpg(process.pid, signal.SIGSTOP)
        time.sleep(0.8)
        os.killpg(process.pid, signal.SIGCONT)
        out = process.stdout.read()
    assert "processes were not let run for up to" in out, out
