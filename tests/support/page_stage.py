"""Doing what a page says, in a folder of its own, as a reader would."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import define, field
from live import surroundings
from pages import ROOT, Block

PORTS = ("8000", "8001", "9000")
"""What pages call the ports of servers; each stands for one that is free."""
_PIP = ROOT / "tests" / "support" / "page_pip.py"


@define
class Stage:
    """``said`` is what the last commands printed, both streams."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, int]
    said: str = ""
    running: list[subprocess.Popen[bytes]] = field(factory=list)

    def play(self, block: Block) -> None:
        """Do what a block says. AssertionError where it does not come out as the page has it."""
        text = self._with_ports(block.text)
        if name := block.notes.get("file"):
            assert f"`{name}`" in block.before, f"the words above do not name `{name}`"
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif "not run" in block.notes:
            assert len(block.notes["not run"]) > 10, "say why it is not run"
        elif "shows" in block.notes:
            self._compare(text)
        elif "server" in block.notes:
            self._serve(text)
        elif block.language == "sh":
            self._call(["bash", "-euo", "pipefail", "-c", text], int(block.notes.get("exit", 0)))
        elif block.language == "python":
            self._call([sys.executable, "-c", text], int(block.notes.get("exit", 0)))

    def _with_ports(self, text: str) -> str:
        for name, port in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1:|localhost:|--port ){name}\b", rf"\g<1>{port}", text)
        return text

    def _call(self, command: list[str], expected: int) -> None:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
        )  # fmt: skip
        self.said = done.stdout
        assert done.returncode == expected, f"exit code {done.returncode}\n{done.stdout}"
        assert "Traceback" not in done.stdout, done.stdout

    def _compare(self, text: str) -> None:
        """Blanks and rules do not count; ``...`` stands for anything."""
        said = [_plain(line) for line in self.said.splitlines()]
        for line in text.splitlines():
            parts = [re.escape(part) for part in _plain(line).split("...")]
            wanted = re.compile(".*".join(parts))
            assert any(wanted.fullmatch(one) for one in said), f"{line!r} is not in\n{self.said}"

    def _serve(self, text: str) -> None:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {text.strip()}"], cwd=self.folder, env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.running.append(process)
        port = re.search(r"--port (\d+)", text)
        assert port, f"no port is given: {text}"
        _await_port(int(port[1]), process)


def _plain(line: str) -> str:
    return " ".join(line.replace("─", " ").replace("━", " ").split())


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, f"it ended with {process.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _program(path: Path, words: str) -> None:
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
    path.chmod(0o755)


@contextmanager
def stage(root: Path) -> Iterator[Stage]:
    """A folder with ``examples/`` of the repository, ``aisbench``, and a ``pip`` that fetches
    nothing; what goes on running is ended with it."""
    folder, home, programs, site = (root / name for name in ("page", "home", "bin", "site"))
    for one in (folder, home, programs, site):
        one.mkdir()
    (folder / "examples").symlink_to(ROOT / "examples")
    _program(programs / "aisbench", f"{sys.executable} -m aisbench")
    _program(programs / "python", sys.executable)
    _program(programs / "pip", f"{sys.executable} {_PIP}")
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    earlier = os.environ.get("PYTHONPATH", "")
    environment = surroundings(
        home, PATH=path, PAGE_SITE=str(site), COLUMNS="160",
        PYTHONPATH=os.pathsep.join(filter(None, [str(site), earlier])),
    )  # fmt: skip
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    made = Stage(folder, environment, ports)
    try:
        yield made
    finally:
        for process in made.running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)
