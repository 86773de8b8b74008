"""Energy and levels of devices, from readings whose truth is known."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.api import DataError, DeviceReading
from aisbench.base.errors import DamageError
from aisbench.telemetry.device_energy import Point, area, energy_between, mean_level, power_of
from aisbench.telemetry.device_files import (
    DeviceRecord,
    DeviceRow,
    DevicesAsked,
    SamplerRows,
    read_devices,
)
from aisbench.telemetry.device_process import DeviceWatch, WatchedDevices
from aisbench.telemetry.device_summary import device_lines, summarize_devices, with_energy
from aisbench.types.figure import Figure
from aisbench.types.performance import Population

S = 1_000_000_000


def points(make: Callable[[float], float], *seconds: float) -> list[Point]:
    return [(round(at * S), make(at)) for at in seconds]


def test_a_counter_is_right_to_the_digit() -> None:
    counter = points(lambda at: 1000 + 250 * at, 0, 1, 2, 3, 4)
    found = energy_between(counter, [], S, 3 * S)
    assert found is not None
    assert (found.joules, found.error, found.by) == (500.0, 0.0, "counter")
    found = energy_between(counter, [], S // 2, 7 * S // 2)
    assert found is not None
    # Between readings it may have risen at once.
    assert (found.joules, found.error) == (750.0, 250.0)


def test_power_is_the_area_under_it() -> None:
    steady = energy_between([], points(lambda at: 300, 0, 1, 2), S // 4, 7 * S // 4)
    assert steady is not None
    assert (steady.joules, steady.error, steady.by) == (450.0, 0.0, "power")
    step = energy_between([], [(0, 100.0), (S, 100.0), (2 * S, 300.0), (3 * S, 300.0)], 0, 3 * S)
    assert step is not None
    assert (step.joules, step.error) == (600.0, 100.0)


def test_what_lies_beyond_the_readings_is_not_known() -> None:
    found = energy_between([], [(S, 100.0), (2 * S, 100.0)], 0, 4 * S)
    assert found is not None
    assert (found.joules, found.error) == (400.0, 300.0)
    late = energy_between(points(lambda at: 100 * at, 1, 2), [], 0, 2 * S)
    assert late is not None
    assert (late.joules, late.error) == (200.0, 100.0)
    assert energy_between([], [], 0, S) is None
    one = energy_between([(0, 5.0)], [], 0, S)
    assert one is None


def test_a_counter_that_was_reset_is_not_used() -> None:
    counter = [(0, 100.0), (S, 200.0), (2 * S, 10.0), (3 * S, 110.0)]
    found = energy_between(counter, points(lambda at: 100, 0, 3), 0, 3 * S)
    assert found is not None
    assert (found.joules, found.by) == (300.0, "power")
    assert energy_between(counter, [], 0, 3 * S) is None


readings = st.lists(st.floats(0, 1000), min_size=2, max_size=20)


@given(readings, st.integers(0, 10), st.integers(1, 10))
def test_the_bounds_hold_whatever_happens_between_the_readings(
    levels: list[float], begin: int, length: int
) -> None:
    """Of a step anywhere between two readings, and of a counter that rises at any instant."""
    power = [(at * S, level) for at, level in enumerate(levels)]
    first, last = 0, (len(levels) - 1) * S
    found = area(power, first, last)
    for low in (min, max):
        truth = sum(low(a, b) for a, b in pairwise(levels))
        assert abs(found.joules - truth) <= found.error + 1e-6
    whole = math.fsum(levels)
    counter = [(at * S, math.fsum(levels[:at])) for at in range(len(levels) + 1)]
    energy = energy_between(counter, [], 0, len(levels) * S)
    assert energy is not None
    assert energy.joules == pytest.approx(whole)
    start, end = begin * S // 7, begin * S // 7 + length * S // 3
    part = energy_between(counter, [], start, end)
    if part is not None and end <= len(levels) * S:
        early = sum(x for at, x in enumerate(levels) if start < (at + 1) * S <= end)
        late = sum(x for at, x in enumerate(levels) if start <= at * S < end)
        for truth in (early, late):
            assert abs(part.joules - truth) <= part.error + 1e-6


def test_power_of_a_counter_and_means() -> None:
    assert power_of([(0, 0.0), (2 * S, 500.0), (2 * S, 500.0)]) == [(S, 250.0)]
    assert mean_level([(0, 0.0), (2 * S, 100.0)], 0, 2 * S) == 50.0
    assert mean_level([(0, 7.0)], S, S) == 7.0


def record(*samplers: SamplerRows) -> DeviceRecord:
    return DeviceRecord(
        DevicesAsked(
            samplers={one.label: one.sampler for one in samplers},
            counted={one.label: one.counted for one in samplers},
            idle_from_ns=0,
            idle_until_ns=2 * S,
        ),
        samplers,
    )


def rows(*readings: Sequence[DeviceReading], error: str = "") -> tuple[DeviceRow, ...]:
    made = [
        DeviceRow(at_ns=at * S, until_ns=at * S, readings=tuple(found))
        for at, found in enumerate(readings)
    ]
    if error:
        made.append(DeviceRow(at_ns=9 * S, until_ns=9 * S, error=error))
    return tuple(made)


def gpu(power: float | None, device: str = "0", uuid: str = "", **more: float) -> DeviceReading:
    return DeviceReading(device=device, uuid=uuid, power_w=power, **more)  # type: ignore[arg-type]


RUN = Population(
    name="run", begin_ns=0, end_ns=2 * S,
    figures=(
        Figure(name="success_requests", value=10, unit="requests", n=10),
        Figure(name="total_input_tokens", value=300, unit="tokens", n=10),
        Figure(name="total_output_tokens", value=1000, unit="tokens", n=10),
    ),
)  # fmt: skip


def figures(found: DeviceRecord) -> dict[str, float]:
    whole = with_energy(RUN, summarize_devices(found, 3 * S, 5 * S))
    return {one.name: one.value for one in whole.figures if one not in RUN.figures}


def test_figures_of_two_devices() -> None:
    found = record(
        SamplerRows(
            "a", "nvml", True,
            rows(*([gpu(50, uuid="x"), gpu(70, "1", "y")] for _ in range(3)),
                 *([gpu(200, uuid="x"), gpu(300, "1", "y")] for _ in range(4))),
        )
    )  # fmt: skip
    assert figures(found) == {
        "energy": 1000.0, "mean_power": 500.0, "idle_power": 120.0,
        "output_tokens_per_joule": 1.0, "total_tokens_per_joule": 1.3, "joules_per_request": 100.0,
    }  # fmt: skip
    devices = summarize_devices(found, 3 * S, 5 * S).devices
    assert [(one.device, one.energy_j, one.idle_w, one.readings) for one in devices] == [
        ("0", 400.0, 50.0, 3), ("1", 600.0, 70.0, 3),
    ]  # fmt: skip
    lines = device_lines(found, 3 * S)
    assert [(one.device, one.quantity, one.unit) for one in lines] == [
        ("0", "power_w", "W"), ("1", "power_w", "W"),
    ]  # fmt: skip
    assert lines[0].times_ns[0] == -3 * S


def test_a_device_that_two_see_is_counted_once_and_one_left_out_not_at_all() -> None:
    seen = rows(*([gpu(100, uuid="x")] for _ in range(6)))
    other = rows(*([gpu(40, "7")] for _ in range(6)))
    found = record(
        SamplerRows("a", "nvml", True, seen),
        SamplerRows("b", "dcgm", True, seen),
        SamplerRows("c", "ascend", False, other),
    )
    assert figures(found)["energy"] == 200.0
    result = summarize_devices(found, 3 * S, 5 * S)
    assert [one.counted for one in result.devices] == [True, False, False]


def test_a_sum_without_a_device_is_no_sum() -> None:
    good = SamplerRows("a", "nvml", True, rows(*([gpu(100)] for _ in range(6))))
    dark = SamplerRows("b", "ascend", True, rows(*([gpu(None, clock_mhz=900)] for _ in range(6))))
    dead = SamplerRows("c", "rocm", True, rows(error="amd-smi is not there"))
    assert figures(record(good, dark)) == {}
    assert figures(record(good, dead)) == {}
    result = summarize_devices(record(good, dead), 3 * S, 5 * S)
    assert result.samplers[1].errors == ("amd-smi is not there",)
    uncounted = SamplerRows("c", "rocm", False, rows(error="amd-smi is not there"))
    assert figures(record(good, uncounted))["energy"] == 200.0


class Steady:
    """250 W, and a counter that agrees; fails as it is told."""

    def __init__(self, fails: str = "") -> None:
        self.fails = fails
        self.reads = 0

    def open(self) -> None:
        if self.fails == "open":
            raise DataError("no driver", hint="install it")

    def read(self) -> Sequence[DeviceReading]:
        self.reads += 1
        if self.fails == "bug":
            raise ValueError("broken")
        if self.fails == "die":
            os._exit(3)
        if self.fails == "hang":
            time.sleep(60)
        if self.fails == "second" and self.reads == 2:
            raise DataError("busy")
        return [DeviceReading(device="0", power_w=250.0)]

    def close(self) -> None:
        pass


def watched(folder: Path, fails: str = "", seconds: float = 0.3) -> tuple[DeviceRecord, float]:
    one = WatchedDevices(
        label="x", offer="steady", sampler=Steady(fails), interval=0.05, idle=0.1, counted=True
    )
    watch = DeviceWatch([one], folder, lambda line: line)
    watch.begin(lambda: False)
    time.sleep(seconds)
    began = time.monotonic()
    watch.end()
    found = read_devices(folder)
    assert found is not None
    return found, time.monotonic() - began


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_process_reads_and_says_what_it_took(tmp_path: Path) -> None:
    found, _ = watched(tmp_path, seconds=0.6)
    (sampler,) = found.samplers
    times = [row.middle_ns for row in sampler.rows if row.readings]
    assert len(times) >= 3
    idle = found.asked
    assert any(idle.idle_from_ns <= at <= idle.idle_until_ns for at in times)
    result = summarize_devices(found, times[1], times[-1])
    (device,) = result.devices
    seconds = (times[-1] - times[1]) / S
    assert device.energy_j == pytest.approx(250 * seconds, rel=1e-12)
    assert device.energy_error_j == 0.0
    assert device.idle_w == 250.0
    report = result.samplers[0]
    assert report.reads == len(times)
    assert report.cpu_share is not None
    assert 0 <= report.cpu_share < 1


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
@pytest.mark.parametrize(
    ("fails", "said"),
    [
        ("open", "no driver; install it"),
        ("bug", "ValueError: broken"),
        ("die", "it ended without a word"),
        ("second", "busy"),
    ],
)
def test_what_fails_is_told_and_harms_nothing(tmp_path: Path, fails: str, said: str) -> None:
    found, _ = watched(tmp_path, fails)
    (report,) = summarize_devices(found, 0, S).samplers
    assert any(one.startswith(said) for one in report.errors)


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_one_that_hangs_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aisbench.telemetry.device_process.OPEN_SECONDS", 0.2)
    monkeypatch.setattr("aisbench.telemetry.device_process.END_SECONDS", 0.2)
    _, waited = watched(tmp_path, "hang", seconds=0.0)
    assert waited < 5


def test_readings_are_sealed_whatever_their_label_is(tmp_path: Path) -> None:
    """Files of workers, which go, have a number in their names; readings stay."""
    from aisbench.store.run import RunFolder, write_json
    from aisbench.store.seals import seal, verify

    run = RunFolder(tmp_path)
    folder = run.load("m", "d", "load")
    for name in ("devices/gpu-0.jsonl", "devices/asked.json", "load.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}\n", encoding="utf-8")
    write_json(tmp_path / "tune" / "s" / "result.json", {"points": []})
    seal(run, {})
    verify(run)
    for name in ("performance/m/d/load/devices/gpu-0.jsonl", "tune/s/result.json"):
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[:-1])
        with pytest.raises(DamageError, match=name.rpartition("/")[2]):
            verify(run)
        (tmp_path / name).write_bytes(whole)
    verify(run)
