"""Programs that the end-to-end tests start: the command line, and simulators."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warm

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("AISBENCH_SHARED", ROOT.parent / "shared"))
GSM8K = SHARED / "data" / "gsm8k"
WARM = sys.platform == "linux"
"""Elsewhere libraries may not like to be forked."""
NO_SHARED = f"real data files are not beside the repository ({GSM8K.name}); set AISBENCH_SHARED"


def surroundings(home: Path, **more: str) -> dict[str, str]:
    """An environment without the user's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AISBENCH")}
    kept.update(HOME=str(home), NO_COLOR="1", **more)
    kept.pop("XDG_DATA_HOME", None)
    return kept


@dataclass
class Result:
    """A finished command."""

    code: int
    out: str
    err: str


@dataclass
class Project:
    """A folder in which commands run as a user would run them."""

    path: Path

    def write(self, name: str, text: str) -> Path:
        """A file of the folder."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def command(self, *words: str) -> list[str]:
        """The argument list of ``aisbench WORDS``."""
        return [sys.executable, "-m", "aisbench", *words]

    def run(self, *words: str, timeout: float = 120, **environment: str) -> Result:
        """Run ``aisbench WORDS`` to its end.

        Settings of Python itself (PYTHONPATH) reach an interpreter when it starts alone; without
        them none is started.
        """
        if WARM and not any(name.startswith("PYTHON") for name in environment):
            there = surroundings(self.path / "home", **environment)
            ended = warm.start("aisbench", words, there, self.path).finish(timeout)
            return Result(ended.code, ended.out, ended.err)
        done = subprocess.run(
            self.command(*words),
            cwd=self.path,
            env=surroundings(self.path / "home", **environment),
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Start ``aisbench WORDS`` and go on."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.path,
            env=surroundings(self.path / "home", **environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def last_run(self, suite: str) -> Path:
        """The newest run directory of a suite."""
        return sorted((self.path / "outputs" / suite).iterdir())[-1]

    def result(self, suite: str, model: str, dataset: str) -> dict[str, Any]:
        """The figures of one task, as they are stored."""
        path = self.last_run(suite) / "results" / model / f"{dataset}.json"
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document

    def scores(self, suite: str, model: str, dataset: str) -> list[dict[str, Any]]:
        """The score of each answer of one task."""
        path = self.last_run(suite) / "results" / model / f"{dataset}.scores.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def rows(self, suite: str, model: str, dataset: str) -> list[dict[str, Any]]:
        """The journal of one task."""
        path = self.last_run(suite) / "predictions" / model / f"{dataset}.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def figures(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of a result by name."""
    return {figure["name"]: figure for figure in document["figures"]}


@dataclass
class Simulator:
    """A running simulator."""

    url: str

    def stats(self) -> dict[str, Any]:
        """Its counters."""
        with urllib.request.urlopen(f"{self.url}/simulator/stats", timeout=10) as reply:
            found: dict[str, Any] = json.load(reply)
        return found

    def configure(self, **settings: Any) -> None:
        """Change its settings while it runs."""
        request = urllib.request.Request(
            f"{self.url}/simulator/config",
            data=json.dumps(settings).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        urllib.request.urlopen(request, timeout=10).close()


@contextlib.contextmanager
def simulator(*flags: str) -> Iterator[Simulator]:
    """A simulator in a process of its own, on a free port."""
    with _serving("aisbench_plugin_simulator", "--port", "0", *flags) as line:
        assert line.startswith("listening on "), line
        yield Simulator(line.split()[-1])


@contextlib.contextmanager
def truth_server() -> Iterator[str]:
    """The url of a server that logs what it does and when; see tests/support/truth_server.py."""
    with _serving("truth_server") as line:
        yield f"http://127.0.0.1:{line.strip()}"


@contextlib.contextmanager
def _serving(module: str, *words: str) -> Iterator[str]:
    """The first line that a server of Python says; then it serves until it is ended."""
    process: subprocess.Popen[str] | warm.Running
    if WARM:
        process = warm.start(module, words, os.environ, Path.cwd(), err=2)
    else:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        )
    try:
        assert process.stdout is not None
        yield process.stdout.readline()
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def wait_until(condition: Any, seconds: float = 30) -> None:
    """Poll until ``condition()`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(0.01)
