"""What reading devices beside a load takes, and whether it disturbs the load.

python benchmarks/device_cost.py [--runs 3] [--seconds 10] [--interval 0.2]

A Poisson load of 50 requests/s against the simulator (TTFT 20 ms, TPOT 4 ms), in turn without
devices and with a sampler that runs a program for every reading (a script in the place of
npu-smi, which prints a table of eight devices). Printed are the client's own lags, TTFT, and the
processor time of the sampler with its programs. The baseline is the load without devices.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

import aisbench

DEVICE = """\
| {0}     910B3               | OK              | 93.5        40         0    / 0             |
| 0                         | 0000:C{0}:00.0    | 35          0    / 0   3072 / 65536         |
"""


def suite(folder: Path, seconds: float, interval: float | None) -> dict[str, Any]:
    """One load; with devices where there is an interval."""
    tool = folder / "npu-smi"
    table = "".join(DEVICE.format(number) for number in range(8))
    tool.write_text(f"#!/bin/sh\ncat <<'END'\n{table}END\n", encoding="utf-8")
    tool.chmod(0o755)
    devices = {"sampler": "ascend", "tool": str(tool), "interval": interval, "idle": 0.5}
    return {
        "suite": {"name": "cost", "mode": "performance", "output": str(folder / "outputs")},
        "servers": {
            "sim": {
                "command": ["{python}", "-m", "aisbench_plugin_simulator", "--port", "{port}",
                            "--ttft-ms", "20", "--tpot-ms", "4"],
            }
        },
        "models": {"m": {"backend": "vllm-chat", "server": "sim"}},
        "datasets": {
            "d": {"dataset": "synthetic", "unit": "words", "rows": 100, "input": 20, "output": 16}
        },
        "load": {"shape": "poisson", "rate": 50, "duration": seconds, "order": "random"},
        "devices": {} if interval is None else {"npu": devices},
        "summarizers": [],
    }  # fmt: skip


def measured(seconds: float, interval: float | None) -> dict[str, float]:
    """Figures of one run: ms, and shares of a core."""
    with tempfile.TemporaryDirectory() as name:
        result = aisbench.run(suite(Path(name), seconds, interval))
    (load,) = result.loads
    spread = {one.name: one for one in load.populations[0].statistics}
    found = {
        "schedule lag p99 (ms)": load.health.values["schedule_lag_ms_p99"],
        "read lag p99 (ms)": load.health.values["read_lag_ms_p99"],
        "TTFT mean (ms)": spread["ttft"].mean,
        "TTFT p99 (ms)": spread["ttft"].percentiles["p99"],
    }
    for one in load.devices.samplers if load.devices is not None else ():
        assert one.cpu_share is not None
        assert one.longest_read_ms is not None
        found["sampler (share of a core)"] = one.cpu_share
        found["longest reading (ms)"] = one.longest_read_ms
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--interval", type=float, default=0.2)
    args = parser.parse_args()
    without, beside = [], []
    for _ in range(args.runs):  # in turn: a machine that warms up does so for both
        without.append(measured(args.seconds, None))
        beside.append(measured(args.seconds, args.interval))
    print(f"{'':28}{'without':>10}{'with':>10}{'ratio':>8}")
    for name in beside[0]:
        second = statistics.median(one[name] for one in beside)
        if name not in without[0]:
            print(f"{name:28}{'':>10}{second:>10.3f}")
            continue
        first = statistics.median(one[name] for one in without)
        print(f"{name:28}{first:>10.3f}{second:>10.3f}{second / first:>8.2f}")


if __name__ == "__main__":
    main()
