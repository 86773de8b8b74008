"""What transports of plugins' own cost: the same loads over HTTP and gRPC to a real Triton server,
and over WebSockets to the server of the tests.

python benchmarks/own_transports.py [--runs 3]

Client and servers share the machine. A model of Triton's waits 5 ms before each of 7 words. What
the client spends is the CPU time of its worker for each request; what it misses is how late it
read (see "read lag" in a load's client health). Needs aisbench-plugin-triton[grpc]; Triton comes
from the wheel nvidia-pytriton, as in tests/e2e/test_triton_grpc.py.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from triton_server import triton  # noqa: E402
from wirechat_server import wirechat  # noqa: E402

WIRECHAT = ROOT / "tests" / "plugins" / "third_party" / "aisbench-plugin-wirechat" / "src"
HTTP = 'backend = "triton-generate"\nmodel = "words"'
GRPC = 'backend = "triton-grpc"\nmodel = "words"\nbatched = false'
WS = 'backend = "wirechat"'


@dataclass
class TransportLoad:
    """One load's figures."""

    rate: float
    ttft: float
    p99: float
    cpu: float
    lag: float


def load(model: str, url: str, concurrency: int, site: str) -> TransportLoad:
    """Run a load, and read its files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "s.toml").write_text(
            f"""
            [suite]
            name = "b"
            mode = "performance"
            [models.m]
            url = "{url}"
            generation = {{ max_tokens = 7 }}
            {model}
            [datasets.d]
            dataset = "gsm8k-demo"
            variant = "4-shot-cot-text"
            [load]
            shape = "closed"
            concurrency = {concurrency}
            requests = {concurrency * 40}
            warm_up = {concurrency}
            """
        )
        subprocess.run(
            [sys.executable, "-m", "aisbench", "run", "s.toml"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": site},
            check=True,
            capture_output=True,
        )
        (path,) = folder.glob("outputs/b/*/performance/m/d/load")
        summary = json.loads((path / "summary.json").read_text())
        document = json.loads((path / "load.json").read_text())
    found: dict[str, Any] = {one["name"]: one for one in summary["populations"][0]["statistics"]}
    counters = document["counters"]
    requests = summary["counts"]["success"]
    assert requests == concurrency * 40
    return TransportLoad(
        rate=requests / (max(one["wall_ns"] for one in counters) / 1e9),
        ttft=found["ttft"]["mean"],
        p99=found["ttft"]["percentiles"]["p99"],
        cpu=sum(one["cpu_ns"] for one in counters) / 1e6 / requests,
        lag=summary["health"]["values"]["read_lag_ms_mean"],
    )


@contextlib.contextmanager
def installed() -> Iterator[str]:
    """A PYTHONPATH with the WebSocket plugin, as if it were installed."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "aisbench_plugin_wirechat-0.1.dist-info"
        told.mkdir()
        (told / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: aisbench-plugin-wirechat\nVersion: 0.1\n"
        )
        (told / "entry_points.txt").write_text(
            "[aisbench]\nwirechat = aisbench_plugin_wirechat.plugin\n"
        )
        yield os.pathsep.join([folder, str(WIRECHAT)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with (
        tempfile.TemporaryDirectory() as log,
        triton(Path(log), grpc_port=port) as url,
        wirechat() as server,
        installed() as site,
    ):
        cases = {
            "Triton, HTTP": (HTTP, url),
            "Triton, gRPC": (GRPC, f"grpc://127.0.0.1:{port}"),
            "WebSocket": (WS, server.url),
        }
        for concurrency in (4, 32):
            print(f"{concurrency} in flight, {concurrency * 40} requests, {runs} runs in turn")
            kept: dict[str, list[TransportLoad]] = {name: [] for name in cases}
            for _ in range(runs):
                for name, (model, address) in cases.items():
                    kept[name].append(load(model, address, concurrency, site))
            for name, found in kept.items():
                print(f"   {name:<14} {described(found)}")


def described(found: list[TransportLoad]) -> str:
    """Medians of all runs."""

    def middle(key: str) -> float:
        return statistics.median(getattr(one, key) for one in found)

    return (
        f"{middle('rate'):6.1f} requests/s, TTFT mean {middle('ttft'):.2f} ms, p99 "
        f"{middle('p99'):.2f} ms; client: {middle('cpu'):.2f} ms CPU a request, read lag "
        f"{middle('lag'):.2f} ms"
    )


if __name__ == "__main__":
    main()
