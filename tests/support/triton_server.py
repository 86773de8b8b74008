"""The real Triton Inference Server, on the CPU, from the binary in the wheel nvidia-pytriton."""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from held import held
from live import ROOT

# The Python backend's stub is built against NumPy 1: with 2 each call fails.
PACKAGES = ("nvidia-pytriton==0.7.0", "numpy==1.26.4")
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
FOLDER = ROOT / ".dev" / f"triton-{VERSION}"
MODELS = Path(__file__).parent / "triton_models"


def _installed() -> Path:
    """The folder of the environment's packages; made at the first call, skips where it cannot."""
    packages = FOLDER / "lib" / f"python{VERSION}" / "site-packages"
    with held(FOLDER):
        stamp = FOLDER / "installed"
        if not (stamp.is_file() and stamp.read_text() == " ".join(PACKAGES)):
            if sys.platform != "linux":
                pytest.skip("Triton's wheel is for Linux")
            venv.create(FOLDER, with_pip=True, clear=True)
            pip = [FOLDER / "bin" / "python", "-m", "pip", "install", "-q", "--no-deps"]
            done = subprocess.run([*pip, *PACKAGES], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(
                    f"nvidia-pytriton cannot be installed here: {done.stderr.strip()[-300:]}"
                )
            stamp.write_text(" ".join(PACKAGES))
        _put_stub(packages / "pytriton" / "tritonserver")
    return packages


def _put_stub(home: Path) -> None:
    """Put the Python backend's program where Triton looks for it, unless it is there.

    Another process may be running it: a program that runs can be replaced, not written into.
    """
    offered = home / "python_backend_stubs" / VERSION / "triton_python_backend_stub"
    if not offered.is_file():
        pytest.skip(f"Triton's wheel has no Python backend for Python {VERSION}")
    wanted = home / "backends" / "python" / offered.name
    runs = wanted.is_file() and os.access(wanted, os.X_OK)
    if not (runs and filecmp.cmp(offered, wanted, shallow=False)):
        fresh = wanted.with_name(f"{wanted.name}.fresh")
        shutil.copy2(offered, fresh)
        fresh.chmod(0o755)
        fresh.replace(wanted)
    (home / "bin" / "tritonserver").chmod(0o755)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextlib.contextmanager
def triton(
    folder: Path, metrics_port: int | None = None, grpc_port: int | None = None
) -> Iterator[str]:
    """Serve the models of triton_models; gives the url of HTTP. ``folder`` takes the log."""
    packages = _installed()
    home = packages / "pytriton" / "tritonserver"
    # The stub is linked against the interpreter's own library.
    libraries = f"{packages}/nvidia_pytriton.libs:{sysconfig.get_config_var('LIBDIR')}"
    environment = {
        **os.environ,
        "LD_LIBRARY_PATH": libraries,
        "PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(packages),
    }
    http, grpc, metrics = _free_ports(3)
    metrics, grpc = metrics_port or metrics, grpc_port or grpc
    log = folder / "triton.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [
                home / "bin" / "tritonserver",
                f"--model-repository={MODELS}", f"--backend-directory={home / 'backends'}",
                "--http-address=127.0.0.1", f"--http-port={http}",
                "--grpc-address=127.0.0.1", f"--grpc-port={grpc}",
                "--metrics-address=127.0.0.1", f"--metrics-port={metrics}",
                "--exit-timeout-secs=3",
            ],
            env=environment, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
        url = f"http://127.0.0.1:{http}"
        try:
            deadline = time.monotonic() + 60
            while not _answers(url):
                assert process.poll() is None, log.read_text(errors="replace")[-3000:]
                assert time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str) -> bool:
    """Whether a model answers: readiness alone says yes to broken stubs too."""
    request = urllib.request.Request(
        f"{url}/v2/models/batch/generate", data=json.dumps({"text_input": "hello"}).encode()
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return b"letters" in answer.read()
    except (OSError, urllib.error.URLError):
        return False
