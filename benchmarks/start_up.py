"""How long a user waits: `aisbench --help`, and `aisbench run` up to its first request.

python benchmarks/start_up.py [--runs 10]

The second is the time from the start of the process to the arrival of the first completion request
at a server of the benchmark's own, over the demo data set. The baseline is Python doing nothing.
Help is also shown as it would be if no plugin had a manifest: by copies of all packages without.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODELS = b'{"object": "list", "data": [{"id": "m", "object": "model"}]}'
ANSWER = b'{"choices": [{"index": 0, "message": {"content": "#### 1"}, "finish_reason": "stop"}]}'
arrived: list[float] = []


class Server(BaseHTTPRequestHandler):
    """Notes when the first POST comes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(MODELS)

    def do_POST(self) -> None:
        arrived.append(time.perf_counter())
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send(ANSWER)

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def spend(*words: str, folder: str, path: str = "") -> float:
    """Seconds from start to end of one command."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path} if path else None,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - begun


def copy_without_manifests(folder: str) -> None:
    """The packages of core and of all plugins, as they were before there were manifests."""
    packages = {"aisbench"}
    for group in ("aisbench", "aisbench.declared"):
        packages |= {
            entry.value.partition(".")[0] for entry in importlib.metadata.entry_points(group=group)
        }
    for package in packages:
        spec = importlib.util.find_spec(package)
        assert spec is not None and spec.origin is not None
        shutil.copytree(
            Path(spec.origin).parent,
            Path(folder) / package,
            ignore=shutil.ignore_patterns("aisbench-offers.json", "__pycache__"),
        )


def first_request(url: str, folder: str) -> float:
    """Seconds from start to the first request."""
    arrived.clear()
    begun = time.perf_counter()
    spend(
        "-m", "aisbench", "run", "--backend", "vllm-chat", "--url", url, "--dataset", "gsm8k-demo",
        "--set", "models.model.stream=false", folder=folder,
    )  # fmt: skip
    return arrived[0] - begun


def show(name: str, seconds: list[float], limit: float | None) -> None:
    """Median and spread, beside the limit."""
    median = statistics.median(seconds)
    text = f"{name:<34} {median:.3f} s (from {min(seconds):.3f} to {max(seconds):.3f})"
    print(f"{text}  limit {limit:g} s, ratio {median / limit:.2f}" if limit else text)


def main() -> None:
    """Interleave them and print them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=10)
    runs = parser.parse_args().runs
    # A user's Python keeps its byte code.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Five, the default, are few: the sixth connection of a run waits for TCP to try again.
    ThreadingHTTPServer.request_queue_size = 512
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    bare, usage, request, without = [], [], [], []
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as copies:
        copy_without_manifests(copies)
        spend("-m", "aisbench", "--help", folder=folder, path=copies)
        spend("-m", "aisbench", "--help", folder=folder)  # byte code and disk cache
        first_request(url, folder)
        for _ in range(runs):
            bare.append(spend("-c", "pass", folder=folder))
            usage.append(spend("-m", "aisbench", "--help", folder=folder))
            without.append(spend("-m", "aisbench", "--help", folder=folder, path=copies))
            request.append(first_request(url, folder))
    server.shutdown()
    show("python -c pass", bare, None)
    show("aisbench --help", usage, 0.3)
    show("aisbench --help, no manifests", without, None)
    show("aisbench run, to the first request", request, 1.0)
    starts = statistics.median(one / start for one, start in zip(usage, bare, strict=True))
    print(f"aisbench --help is {starts:.1f} starts of the interpreter, limit 12")


if __name__ == "__main__":
    main()
