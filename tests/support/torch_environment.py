"""An environment with torch and transformers, apart from the project's own."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from live import ROOT

TORCH = "torch==2.13.0"
TRANSFORMERS = "transformers[serving]==5.23.0"
OURS = ("pytest", "hypothesis", "pillow", "peft", "flit_core>=3.11")
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
    wanted = " ".join((TORCH, TRANSFORMERS, *OURS))
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    if not _local_wheel() and os.environ.get("AISBENCH_TEST_TORCH") != "1":
        pytest.skip("no CPU wheel of torch in PIP_FIND_LINKS; AISBENCH_TEST_TORCH=1 installs it")
    venv.create(FOLDER, with_pip=True, clear=True)
    _install(python, TORCH, TRANSFORMERS, *OURS)
    stamp.write_text(wanted)
    return python


def install_ours(python: Path, *folders: str) -> None:
    """Our packages, editable, into that environment."""
    words = [word for folder in folders for word in ("-e", str(ROOT / folder))]
    _install(python, "--no-build-isolation", *words)
