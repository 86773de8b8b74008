"""What the load benchmarks share: the C server with its log, a run of aisbench, a bare client."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import tomli_w

HERE = Path(__file__).resolve().parent
BARE = HERE / "bare_client.py"


@contextmanager
def built() -> Iterator[Path]:
    """The stream server's program. Needs a C compiler and Linux."""
    with tempfile.TemporaryDirectory() as folder:
        binary = Path(folder) / "stream_server"
        subprocess.run(["cc", "-O2", "-o", binary, HERE / "stream_server.c"], check=True)
        yield binary


@contextmanager
def server(binary: Path, ttft_ms: float, tpot_ms: float) -> Iterator[str]:
    """The address of a stream server."""
    process = subprocess.Popen(
        [binary, "0", str(ttft_ms), str(tpot_ms)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().split()[-1]}"
    finally:
        process.kill()
        process.wait()


def truth(url: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The server's log, a row a request: arrival, first and last event in ns, events."""
    with urllib.request.urlopen(f"{url}/log", timeout=60) as reply:
        rows = [[int(word) for word in line.split()] for line in reply.read().splitlines()]
    return np.asarray(rows, dtype=np.int64).reshape(-1, 4)


@dataclass
class Run:
    """One `aisbench run` in performance mode."""

    load: dict[str, Any]
    summary: dict[str, Any]
    columns: dict[str, Any]
    """Of the measured requests, as in requests.parquet."""
    seconds: float
    cpu_seconds: float
    """Of the whole command: start-up, workers, report."""
    memory_mb: float
    """Of all its processes at the fullest half second; what they share counts once."""

    def statistic(self, name: str) -> dict[str, Any]:
        """One row of the table of requests."""
        (found,) = [
            one for one in self.summary["populations"][0]["statistics"] if one["name"] == name
        ]
        return dict(found)

    @property
    def health(self) -> dict[str, float]:
        """The client's figures about itself."""
        return dict(self.summary["health"]["values"])

    @property
    def events_rate(self) -> float:
        """Stream events a second, from the first request to the last answer."""
        span = (self.columns["done_ns"].max() - self.columns["sent_ns"].min()) / 1e9
        return float(self.columns["events"].sum() / span)

    @property
    def cpu_per_1000(self) -> float:
        """CPU ms of the workers for 1000 events."""
        used = sum(one["cpu_ns"] for one in self.load["counters"])
        return float(used / 1e6 / self.columns["events"].sum() * 1000)


def _memory(pid: int) -> int:
    """Proportional set size of a process and its children, in bytes (Linux)."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, ValueError):
        return total
    return total + sum(_memory(int(child)) for child in children)


def aisbench(
    urls: str | Sequence[str],
    tokens: int,
    load: dict[str, Any],
    dataset: dict[str, Any] | None = None,
) -> Run:
    """Run a load as a user would, and read its files."""
    with tempfile.TemporaryDirectory() as folder:
        suite = {
            "suite": {"name": "b", "mode": "performance"},
            "models": {
                "m": {
                    "backend": "vllm-chat",
                    "url": urls,
                    "model": "fast",
                    "generation": {"max_tokens": tokens},
                }
            },
            "datasets": {"d": dataset or {"dataset": "gsm8k-demo"}},
            "load": {"salt": True, **load},
            "summarizers": [],
        }
        path = Path(folder) / "s.toml"
        path.write_text(tomli_w.dumps(suite))
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        output = Path(folder) / "output.txt"
        with output.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "aisbench", "run", str(path)],
                cwd=folder,
                stdout=file,
                stderr=file,
                env={**os.environ, "AISBENCH_DATA": folder},
            )
            memory = 0
            while process.poll() is None:
                memory = max(memory, _memory(process.pid))
                time.sleep(0.5)
        seconds = time.monotonic() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode != 0:
            said = output.read_text()[-3000:]
            raise SystemExit(f"aisbench run ended with {process.returncode}:\n{said}")
        (found,) = Path(folder).glob("outputs/b/*/performance/m/d/load")
        table = pyarrow.parquet.read_table(found / "requests.parquet")
        measured = np.asarray([phase == "measured" for phase in table["phase"].to_pylist()])
        columns = {
            name: table[name].to_numpy()[measured]
            for name in table.column_names
            if name.endswith("_ns") or name in ("events", "reads", "row", "conversation")
        }
        return Run(
            load=json.loads((found / "load.json").read_bytes()),
            summary=json.loads((found / "summary.json").read_bytes()),
            columns=columns,
            seconds=seconds,
            memory_mb=memory / 1e6,
            cpu_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        )


def bare(
    url: str, requests: int, concurrency: int, events: int, *, parse: bool = False
) -> dict[str, float]:
    """The baseline, in a process of its own: rate and CPU ms per 1000 events; with ``parse`` also
    its means of TTFT, TPOT and E2EL in ms."""
    words = [sys.executable, str(BARE), url, str(requests), str(concurrency), str(events)]
    output = subprocess.run(
        [*words, *(["--parse"] if parse else [])], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(output.stdout)
    return found


def spread(values: Sequence[float]) -> str:
    """Median and extremes."""
    return f"{statistics.median(values):,.2f} ({min(values):,.2f} to {max(values):,.2f})"
