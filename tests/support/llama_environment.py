"""llama.cpp's own server, built from the source that llama-cpp-python's package carries.

python tests/support/llama_environment.py [FOLDER]    builds it (about 10 minutes on two cores)

Needs a C++ compiler, cmake and ninja. Its model is that of vllm_environment.py, as a GGUF file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from real_server import answering

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".dev" / "llama"
PACKAGE = "llama-cpp-python==0.3.36"
# The model is tiny: -O1 takes half the time of -O3 to build and serves as fast.
OPTIONS = (
    "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG",
    "-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG", "-DBUILD_SHARED_LIBS=OFF", "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF", "-DLLAMA_BUILD_UI=OFF", "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_APP=OFF",
)  # fmt: skip


class CannotBuild(Exception):
    """Why there is no server."""


def binary(folder: Path = FOLDER) -> Path:
    """Where the server is, or would be."""
    return folder / "build" / "bin" / "llama-server"


def build(folder: Path = FOLDER) -> Path:
    """The server, built where it is missing. Raises CannotBuild."""
    made = binary(folder)
    if made.exists():
        return made
    for tool in ("cmake", "ninja", "c++"):
        if shutil.which(tool) is None:
            raise CannotBuild(f"{tool} is not installed, and llama.cpp's server is built here")
    source = _source(folder) / "vendor" / "llama.cpp"
    for words in (
        ["cmake", "-S", str(source), "-B", str(folder / "build"), "-G", "Ninja", *OPTIONS],
        ["nice", "-n", "15", "ninja", "-C", str(folder / "build"), "llama-server"],
    ):
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise CannotBuild(f"{words[0]} failed: {(done.stdout + done.stderr)[-500:]}")
    return made


def _source(folder: Path) -> Path:
    source = folder / "source"
    if source.exists():
        return source
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        name = PACKAGE.partition("=")[0]
        words = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", name]
        done = subprocess.run([*words, PACKAGE, "-d", scratch], capture_output=True, text=True)
        if done.returncode:
            raise CannotBuild(f"{PACKAGE} cannot be had: {done.stderr.strip()[-300:]}")
        (archive,) = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as file:
            if hasattr(tarfile, "data_filter"):
                file.extractall(scratch, filter="data")
            else:
                file.extractall(scratch)
        (unpacked,) = (path for path in Path(scratch).iterdir() if path.is_dir())
        unpacked.rename(source)
    return source


def model(folder: Path, original: Path) -> Path:
    """The model of the folder ``original`` as a GGUF file."""
    made = folder / "tiny.gguf"
    if not made.exists():
        script = Path(__file__).with_name("gguf_model.py")
        library = _source(folder) / "vendor" / "llama.cpp" / "gguf-py"
        subprocess.run(
            [sys.executable, str(script), str(original), str(made)],
            check=True, env={**os.environ, "PYTHONPATH": str(library)},
        )  # fmt: skip
    return made


@contextlib.contextmanager
def llama_server(folder: Path, gguf: Path, port: int, *words: str) -> Iterator[str]:
    """llama.cpp's server with ``gguf`` as "tiny", 4 slots of 512 tokens; gives the url."""
    log = folder / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [binary(folder), "-m", gguf, "--host", "127.0.0.1", "--port", str(port), "--metrics",
             "--parallel", "4", "--ctx-size", "2048", "--alias", "tiny",
             # Its threads spin while they wait for each other; of a tiny model one is enough.
             "--threads", "1", "--threads-batch", "1",
             # A kept-alive connection holds one: two clients and the metrics need more than six.
             "--threads-http", "64",
             # In the weights' own numbers, so that greedy answers are those of float32.
             "--cache-type-k", "f32", "--cache-type-v", "f32", "--flash-attn", "off", *words],
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        with answering(process, url, 60, "llama.cpp's server", log) as healthy:
            yield healthy


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).resolve() if sys.argv[1:] else FOLDER))
