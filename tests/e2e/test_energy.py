"""Devices beside a load: their energy to the digit, and loads that count without them."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import Simulator, simulator

import aisbench

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")

NPU = """\
| NPU   Name                | Health        | Power(W)    Temp(C)           Hugepages-Usage(page)|
| Chip                      | Bus-Id        | AICore(%)   Memory-Usage(MB)  HBM-Usage(MB)        |
| 0     910B3               | OK            | 93.5        40                0    / 0             |
| 0                         | 0000:C1:00.0  | 35          0    / 0          3072 / 65536         |
| 1     910B3               | OK            | 106.5       41                0    / 0             |
| 0                         | 0000:C2:00.0  | 5           0    / 0          1024 / 65536         |
"""
ROCM = {"card0": {"Average Graphics Package Power (W)": "50.0", "GPU use (%)": "7"}}


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with simulator("--ttft-ms", "10", "--tpot-ms", "2") as one:
        yield one


def printing(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


class SteadyNvml(types.ModuleType):
    """One GPU of 250 W that has no counter of energy."""

    NVML_ERROR_NOT_SUPPORTED, NVML_ERROR_NO_PERMISSION = 3, 4
    NVML_TEMPERATURE_GPU, NVML_CLOCK_SM, NVML_CLOCK_MEM = 0, 1, 2

    class NVMLError(Exception):
        value = 3

    def __getattr__(self, name: str) -> Any:
        told = {
            "nvmlInit": None, "nvmlShutdown": None, "nvmlDeviceGetCount": 1,
            "nvmlDeviceGetHandleByIndex": 0, "nvmlDeviceGetName": "H100",
            "nvmlDeviceGetUUID": "GPU-0", "nvmlDeviceGetPowerUsage": 250_000,
            "nvmlDeviceGetMemoryInfo": types.SimpleNamespace(used=2**30, total=2**36),
            "nvmlDeviceGetUtilizationRates": types.SimpleNamespace(gpu=99),
            "nvmlDeviceGetTemperature": 60, "nvmlDeviceGetClockInfo": 1980,
        }  # fmt: skip

        def call(*more: Any) -> Any:
            if name not in told:
                raise self.NVMLError("not supported")
            return told[name]

        if name.startswith("nvml"):
            return call
        raise AttributeError(name)


def suite(tmp_path: Path, url: str, **devices: Any) -> dict[str, Any]:
    return {
        "suite": {"name": "d", "output": str(tmp_path / "outputs"), "mode": "performance"},
        "models": {"m": {"backend": "vllm-chat", "url": url}},
        "datasets": {
            "work": {
                "dataset": "synthetic", "unit": "words", "rows": 40, "input": 8, "output": 20,
            }
        },
        "load": {"shape": "closed", "concurrency": 4, "warm_up": 0},
        "devices": devices,
    }  # fmt: skip


def test_energy_is_right_to_the_digit(
    tmp_path: Path, server: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", SteadyNvml("pynvml"))
    quick = {"interval": 0.05, "idle": 0.2}
    result = aisbench.run(
        suite(
            tmp_path,
            server.url,
            nvml=quick,
            npu={"sampler": "ascend", "tool": printing(tmp_path / "npu-smi", NPU), **quick},
            amd={
                "sampler": "rocm", "program": "rocm-smi", "count_energy": False, **quick,
                "tool": printing(tmp_path / "rocm-smi", json.dumps(ROCM)),
            },
        )
    )  # fmt: skip
    (load,) = result.loads
    (run, *_) = load.populations
    figures = {one.name: one for one in run.figures}
    seconds = (run.end_ns - run.begin_ns) / 1e9
    watts = 250 + 93.5 + 106.5
    tokens = 40 * 20
    assert figures["energy"].value == pytest.approx(watts * seconds, rel=1e-12)
    assert figures["energy"].low == figures["energy"].high == figures["energy"].value
    assert figures["mean_power"].value == pytest.approx(watts, rel=1e-12)
    assert figures["idle_power"].value == pytest.approx(watts, rel=1e-12)
    assert figures["total_output_tokens"].value == tokens
    assert figures["output_tokens_per_joule"].value == pytest.approx(
        tokens / (watts * seconds), rel=1e-12
    )
    total = tokens + figures["total_input_tokens"].value
    assert figures["total_tokens_per_joule"].value == pytest.approx(
        total / (watts * seconds), rel=1e-12
    )
    assert figures["joules_per_request"].value == pytest.approx(watts * seconds / 40, rel=1e-12)
    assert load.devices is not None
    told = [(one.sampler, one.device, one.counted, one.energy_by) for one in load.devices.devices]
    assert told == [
        ("nvml", "0", True, "power"), ("npu", "0", True, "power"), ("npu", "1", True, "power"),
        ("amd", "0", False, "power"),
    ]  # fmt: skip
    assert all(one.cpu_share is not None and not one.errors for one in load.devices.samplers)
    series = result.series(load)
    power = {f"{one.sampler} {one.device}": set(one.values)
             for one in series.devices if one.quantity == "power_w"}  # fmt: skip
    assert power == {"nvml 0": {250.0}, "npu 0": {93.5}, "npu 1": {106.5}, "amd 0": {50.0}}
    assert min(series.devices[0].times_ns) < 0
    _shown(result.path)
    assert aisbench.report(result).loads == result.loads


def _shown(run: Path) -> None:
    summary = run / "summary"
    text = (summary / "summary.txt").read_text(encoding="utf-8")
    assert "Output Tokens per Joule" in text
    assert "nvml 0 (H100)" in text
    assert "energy in no sum: amd 0" in text
    document = json.loads((summary / "summary.json").read_text(encoding="utf-8"))
    assert document["performance"][0]["devices"]["devices"][1]["device"] == "0"
    page = (summary / "report.html").read_text(encoding="utf-8")
    assert 'id="chart-load-1-devices-power"' in page
    assert 'id="chart-load-1-devices-memory"' in page


def test_a_load_counts_without_its_devices(tmp_path: Path, server: Simulator) -> None:
    result = aisbench.run(
        suite(
            tmp_path,
            server.url,
            npu={"sampler": "ascend", "tool": "/no/npu-smi"},
            gpu={"sampler": "dcgm", "url": "http://127.0.0.1:9/metrics", "idle": 0.1},
        )
    )
    assert result.ok
    (load,) = result.loads
    assert load.counts.success == 40
    assert load.devices is not None
    assert [one.errors for one in load.devices.samplers] == [
        ("/no/npu-smi is not there; install it, or say where it is (tool)",),
        ("http://127.0.0.1:9/metrics cannot be read: [Errno 111] Connection refused",),
    ]
    assert not any(one.name == "energy" for one in load.populations[0].figures)
    text = (result.path / "summary" / "summary.txt").read_text(encoding="utf-8")
    assert "devices.npu: /no/npu-smi is not there; install it, or say where it is (tool)" in text
    assert "no sum of energy: that of npu, gpu is not known" in text
    gpu = {"sampler": "dcgm", "url": "http://me:secret@gpu-host:9400/metrics"}
    with pytest.raises(
        aisbench.AisbenchError, match="must hold no user name or password"
    ) as error:
        aisbench.run(suite(tmp_path, server.url, gpu=gpu))
    assert "secret" not in str(error.value)
