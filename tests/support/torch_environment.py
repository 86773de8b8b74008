"""An environment with torch and transformers, apart from the project's own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
import warm
from held import held
from live import ROOT, WARM, Project, surroundings
from torchvision_parts import TORCHVISION, declare_operators

TORCH = "torch==2.13.0"
TRANSFORMERS = "transformers[serving]==5.23.0"
OURS = ("pytest", "hypothesis", "pillow", "peft", "av>=15", "flit_core>=3.11")
PACKAGES = (
    "core", "testkit", "plugins/backends/transformers", "plugins/datasets/gsm8k",
    "plugins/datasets/custom", "plugins/datasets/picture-choices", "plugins/evaluators/choices",
    "plugins/evaluators/text", "plugins/evaluators/numeric", "plugins/evaluators/repeats",
    "plugins/summarizers/table", "plugins/summarizers/files",
)  # fmt: skip
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "OMP_NUM_THREADS": "1",  # more would only wait for each other in a model as small as this one
}
IMPORTED = (
    "torch", "transformers.generation.utils", "transformers.models.auto.modeling_auto",
    "transformers.models.auto.tokenization_auto", "transformers.models.qwen2.modeling_qwen2",
    "safetensors.torch", "aisbench_plugin_transformers.loading",
)  # fmt: skip
"""What takes longest to import of a run there: imported once, for all runs."""
FOLDER = ROOT / ".dev" / f"transformers-{sys.version_info[0]}.{sys.version_info[1]}"


def _local_wheel() -> bool:
    """A CPU build of torch for this Python in pip's folder of wheels."""
    tag = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    folders = os.environ.get("PIP_FIND_LINKS", "").split()
    return any(any(Path(one).glob(f"torch-2.13.0*{tag}-*.whl")) for one in folders)


def _install(python: Path, *words: str) -> None:
    uv = Path(sys.executable).parent / "uv"
    if uv.exists():
        command = [str(uv), "pip", "install", "--quiet", "--python", str(python)]
    else:
        command = [str(python), "-m", "pip", "install", "--quiet"]
    surroundings = dict(os.environ)
    if links := surroundings.get("PIP_FIND_LINKS"):
        surroundings.setdefault("UV_FIND_LINKS", links)
    subprocess.run([*command, *words], check=True, env=surroundings)


def torch_python() -> Path:
    """The interpreter of the environment, made at the first call; skips where it cannot be.

    Without a local CPU wheel an install takes gigabytes of CUDA libraries, so it must be asked
    for: AISBENCH_TEST_TORCH=1.
    """
    python = FOLDER / "bin" / "python"
    stamp = FOLDER / "installed"
    wanted = " ".join((TORCH, TRANSFORMERS, TORCHVISION, *OURS))
    with held(FOLDER):
        if stamp.is_file() and stamp.read_text() == wanted:
            return python
        if not _local_wheel() and os.environ.get("AISBENCH_TEST_TORCH") != "1":
            pytest.skip(
                "no CPU wheel of torch in PIP_FIND_LINKS; AISBENCH_TEST_TORCH=1 installs it"
            )
        venv.create(FOLDER, with_pip=True, clear=True)
        _install(python, TORCH, TRANSFORMERS, *OURS)
        _install(python, "--no-deps", TORCHVISION)
        declare_operators(next(FOLDER.glob("lib/python*/site-packages")))
        stamp.write_text(wanted)
    return python


def our_python() -> Path:
    """The same, with our :data:`PACKAGES`, editable; nothing to do where they are as they were."""
    python = torch_python()
    words = [word for folder in PACKAGES for word in ("-e", str(ROOT / folder))]
    texts = [(ROOT / folder / "pyproject.toml").read_text() for folder in PACKAGES]
    wanted = "\n".join((str(ROOT), *words, *texts))
    stamp = FOLDER / "ours"
    with held(FOLDER):
        if not (stamp.is_file() and stamp.read_text() == wanted):
            stamp.unlink(missing_ok=True)
            _install(python, "--no-build-isolation", *words)
            stamp.write_text(wanted)
    return python


def start_there(
    python: Path, folder: Path, environment: dict[str, str], module: str, *words: str
) -> warm.Running:
    """Start ``python -m MODULE WORDS`` in :func:`our_python`, in ``folder``, where the process
    that others are forked from has imported what takes long (Linux)."""
    other = warm.Other(python, IMPORTED, tuple(OFFLINE.items()))
    return warm.start(module, words, {**environment, **OFFLINE}, folder, other=other)


def run_there(
    python: Path, folder: Path, environment: dict[str, str], module: str, *words: str
) -> subprocess.CompletedProcess[str]:
    """``python -m MODULE WORDS`` in :func:`our_python`, in ``folder``."""
    if WARM:
        ended = start_there(python, folder, environment, module, *words).finish(600)
        return subprocess.CompletedProcess(words, ended.code, ended.out, ended.err)
    return subprocess.run(
        [python, "-m", module, *words],
        cwd=folder, env={**environment, **OFFLINE}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


def here(python: Path, project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """``aisbench WORDS`` in the environment with torch."""
    environment = surroundings(project.path / "home")
    return run_there(python, project.path, environment, "aisbench", *words)


_made: dict[str, Path] = {}


def tiny_model(python: Path, folder: Path) -> Path:
    """A tiny random model, made once, in the first ``folder`` that is given."""
    return _make(python, "tiny_model", folder, "text")


def tiny_media_model(python: Path, folder: Path, text_model: Path, form: str) -> Path:
    """A tiny random model of pictures, films or sounds; ``form`` is one of tiny_media.py."""
    return _make(python, "tiny_media", folder, form, str(text_model), form)


def _make(python: Path, module: str, folder: Path, name: str, *words: str) -> Path:
    if name not in _made:
        support = ROOT / "tests" / "support"
        done = run_there(python, support, dict(os.environ), module, str(folder), *words)
        assert done.returncode == 0, done.stderr
        _made[name] = folder
    return _made[name]


@contextlib.contextmanager
def transformers_serve(python: Path, model: Path, home: Path) -> Iterator[str]:
    """The real `transformers serve` with ``model``; gives the url. ``home`` takes its caches."""
    (home / "hub").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = home / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [python.parent / "transformers", "serve", str(model), "--device", "cpu",
             "--host", "127.0.0.1", "--port", str(port)],
            env={
                **os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "OMP_NUM_THREADS": "1",
            },
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + 240
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{url}/health", timeout=5).close()
                    break
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            process.wait(20)
