"""Programs of Python that start at once: forked by a process that has imported what they import.

Each is what `python -m MODULE` is: a process with its own arguments, environment, folder, standard
files, signals and exit code. It only does not import core, aiohttp and rich anew, which
takes longer than most runs of tests. What is about the start itself starts an interpreter.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import pkgutil
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TextIO

PACKAGES = (
    "aisbench",
    "aisbench_plugin_files",
    "aisbench_plugin_gsm8k",
    "aisbench_plugin_html",
    "aisbench_plugin_numeric",
    "aisbench_plugin_simulator",
    "aisbench_plugin_table",
    "aisbench_plugin_vllm",
)
"""All of their modules are imported beforehand, and what these import: what most runs use."""
MODULES = ("aiohttp.web", "cattrs", "numpy", "orjson", "pyarrow.parquet", "rich.table")
PROGRAMS = ("__main__", "aisbench.sandbox.launching")
"""Modules that do something when they are imported, or are not imported by aisbench itself."""


@dataclass
class Finished:
    """What a program left."""

    code: int
    out: str
    err: str


class Running:
    """A program that has been started, much like `subprocess.Popen`."""

    def __init__(self, pid: int, out: int, err: int | None, status: int) -> None:
        self.pid = pid
        self.stdout, self.stderr = _text(out), None if err is None else _text(err)
        self._status = open(status, "rb")  # noqa: SIM115 - kept

    def finish(self, timeout: float) -> Finished:
        """Read what it says until it has ended; after ``timeout`` seconds it is killed.

        Raises TimeoutError with what it said.
        """
        until = time.monotonic() + timeout
        files = [file for file in (self.stdout, self.stderr, self._status) if file is not None]
        read: dict[int, list[bytes]] = {file.fileno(): [] for file in files}
        with selectors.DefaultSelector() as selector:
            for descriptor in read:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(max(0.0, until - time.monotonic()))
                if not ready:
                    os.kill(self.pid, signal.SIGKILL)
                    raise TimeoutError(f"it ran for {timeout:g} s and more, and said: {read}")
                for key, _ in ready:
                    data = os.read(key.fd, 65536)
                    read[key.fd].append(data)
                    if not data:
                        selector.unregister(key.fd)
        said = [b"".join(parts).decode() for parts in read.values()]
        for file in files:
            file.close()
        return Finished(int(said[-1]), said[0], said[1] if self.stderr else "")

    def terminate(self) -> None:
        """End it, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, timeout: float) -> int:
        """Its exit code; TimeoutError if it has not ended after ``timeout`` seconds."""
        if not select.select([self._status], [], [], timeout)[0]:
            raise TimeoutError(f"process {self.pid} goes on after {timeout:g} s")
        with self._status as status:
            return int(status.read())


def _text(descriptor: int) -> TextIO:
    return open(descriptor, encoding="utf-8")


def start(
    module: str,
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    err: int | None = None,
    other: Other | None = None,
) -> Running:
    """Start ``python -m MODULE WORDS`` in ``folder`` with that ``environment`` and no input.

    ``err``: the file descriptor of its standard error; a pipe if there is none. ``other``: it runs
    in another environment than the tests.
    """
    wanted = {
        "words": [module, *words], "environment": dict(environment), "folder": str(folder),
    }  # fmt: skip
    return _server(other).start(wanted, err)


@dataclass(frozen=True)
class Other:
    """Another environment: its interpreter, what is imported there beside those packages of ours
    that it has, and the variables that these imports look at."""

    python: Path
    modules: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


@cache
def _server(other: Other | None) -> _Server:
    return _Server(other)


class _Server:
    """The process that forks, as seen from the tests. It ends with them."""

    def __init__(self, other: Other | None) -> None:
        self.channel, theirs = socket.socketpair()
        python, more = (other.python, other.modules) if other else (sys.executable, ())
        command = [str(python), __file__, str(theirs.fileno()), *more]
        variables = dict(other.variables) if other else {}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **variables},
        )  # fmt: skip
        theirs.close()
        atexit.register(self._end)

    def _end(self) -> None:
        self.channel.close()
        self.process.wait()

    def start(self, wanted: Mapping[str, Any], err: int | None) -> Running:
        out, status = os.pipe(), os.pipe()
        pipes = [out, status]
        if err is None:
            pipes.append(os.pipe())
            theirs = [out[1], pipes[-1][1], status[1]]
        else:
            theirs = [out[1], err, status[1]]
        body = json.dumps(wanted).encode()
        socket.send_fds(self.channel, [len(body).to_bytes(4, "big")], theirs)
        self.channel.sendall(body)
        for _, write in pipes:
            os.close(write)
        pid = int.from_bytes(_exactly(self.channel, 4), "big")
        return Running(pid, out[0], pipes[-1][0] if err is None else None, status[0])


def _exactly(channel: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = channel.recv(count - len(data))
        if not more:
            raise ConnectionError("the process that forks has ended")
        data += more
    return data


# -- in the process that forks


def _serve(channel: socket.socket, more: Sequence[str]) -> None:
    for package in PACKAGES:
        # Another environment has some of our packages only.
        if more and importlib.util.find_spec(package) is None:
            continue
        folders = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(folders, f"{package}."):
            if not any(word in module.name for word in PROGRAMS):
                importlib.import_module(module.name)
    for name in (*MODULES, *more):
        if more and importlib.util.find_spec(name.partition(".")[0]) is None:
            continue
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # collections of the programs shall not look through all of this
    # pyarrow has a thread for its memory; it does not mind.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    # Those who watch over programs are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        head, files, _, _ = socket.recv_fds(channel, 4, 3)
        if not head:
            return
        wanted = json.loads(_exactly(channel, int.from_bytes(head, "big")))
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _watch(channel, wanted, files)
            return
        for file in files:
            os.close(file)


def _watch(channel: socket.socket, wanted: dict[str, Any], files: list[int]) -> None:
    """Fork the program, and wait for it; returns in the program alone."""
    out, err, status = files
    pid = os.fork()
    if pid:
        os.close(out)
        os.close(err)
        channel.sendall(pid.to_bytes(4, "big"))
        channel.close()
        _, code = os.waitpid(pid, 0)
        os.write(status, str(os.waitstatus_to_exitcode(code)).encode())
        os._exit(0)
    channel.close()
    os.dup2(out, 1)
    os.dup2(err, 2)
    for file in files:
        os.close(file)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    module, *words = wanted["words"]
    sys.argv = ["", *words]
    sys.path.insert(0, wanted["folder"])
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
