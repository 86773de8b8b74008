"""An environment with the clients of experiment trackers, apart from the project's own, and the
servers that they are told to: MLflow's own, and a collector of OTLP that decodes what it gets."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import venv
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from held import held
from live import ROOT

PACKAGES = (
    "mlflow==3.17.2", "wandb==0.31.0", "swanlab==0.10.3", "opentelemetry-sdk==1.45.2",
    "opentelemetry-exporter-otlp-proto-http==1.45.2",
)  # fmt: skip
OURS = (
    "core", "testkit", "plugins/evaluators/numeric", "plugins/evaluators/choices",
    "plugins/evaluators/repeats", "plugins/summarizers/table", "plugins/summarizers/files",
    "plugins/backends/simulator", "plugins/backends/vllm", "plugins/datasets/gsm8k",
    "plugins/summarizers/tracking-mlflow", "plugins/summarizers/tracking-wandb",
    "plugins/summarizers/tracking-swanlab", "plugins/summarizers/tracking-otel",
)  # fmt: skip
FOLDER = ROOT / ".dev" / f"tracking-{sys.version_info[0]}.{sys.version_info[1]}"


def tracking_python() -> Path:
    """The interpreter of the environment, made at the first call; skips where it cannot be."""
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / "installed"
    wanted = " ".join((*PACKAGES, *OURS))
    with held(FOLDER):
        if stamp.is_file() and stamp.read_text() == wanted:
            return python
        venv.create(FOLDER, with_pip=True, clear=True)
        uv = Path(sys.executable).parent / "uv"
        command = [str(python), "-m", "pip", "install", "-q"]
        if uv.exists():
            command = [str(uv), "pip", "install", "-q", "--python", str(python)]
        ours = [word for one in OURS for word in ("-e", str(ROOT / one))]
        more = ("numpy", "pyarrow", "uvloop", "pytest", "hypothesis")
        done = subprocess.run([*command, *PACKAGES, *more, *ours], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"trackers cannot be installed here: {done.stderr.strip()[-300:]}")
        stamp.write_text(wanted)
    return python


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def mlflow_server(python: Path, folder: Path) -> Iterator[str]:
    """MLflow's own tracking server, with its data in ``folder``; its address."""
    port = free_port()
    words = [
        "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            [str(python), *words], stdout=log, stderr=log, env=environment, start_new_session=True
        )
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 90
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{url}/health", timeout=2).close()
                    break
                if process.poll() is not None or time.monotonic() > until:
                    raise AssertionError((folder / "server.log").read_text()[-3000:])
                time.sleep(0.2)
            yield url
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()


@contextlib.contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """A collector of OTLP/HTTP: its address, and what it got: path, authorization, body."""
    got: list[tuple[str, str, bytes]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers.get("authorization", ""), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def silent_server() -> Iterator[str]:
    """An address that takes connections and never answers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen(16)
        yield f"http://127.0.0.1:{one.getsockname()[1]}"
