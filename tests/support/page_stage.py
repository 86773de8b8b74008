"""Doing what a page says, in a folder of its own, as a reader would."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import warm
from attrs import define, field
from live import WARM, surroundings
from page_shell import assignment, lines_of, plain_words
from pages import ROOT, Block

PORTS = ("8000", "8001", "9000")
"""What pages call the ports of servers; each stands for one that is free."""
_PIP = ROOT / "tests" / "support" / "page_pip.py"


Server = subprocess.Popen[str] | warm.Running


@define
class Stage:
    """``said`` is what the last commands printed, both streams."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, int]
    said: str = ""
    running: list[Server] = field(factory=list)

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
            self._script(text, int(block.notes.get("exit", 0)))
        elif block.language == "python":
            (self.folder / "_snippet.py").write_text(text, encoding="utf-8")
            code = self._module("_snippet", [])
            assert code == int(block.notes.get("exit", 0)), f"exit code {code}\n{self.said}"

    def _with_ports(self, text: str) -> str:
        for name, port in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1:|localhost:|--port ){name}\b", rf"\g<1>{port}", text)
        return text

    def _script(self, text: str, expected: int) -> None:
        """The last command ends in the ``expected`` exit code, those before it in 0."""
        variables: dict[str, str] = {}
        said = []
        *before, last = lines_of(text)
        for line in [*before, last]:
            if found := assignment(line):
                name, value = found
                assert self._bash(f"echo {value}", variables) == 0, self.said
                variables[name] = self.said.strip()
                continue
            words = plain_words(line, variables)
            if words is not None and words[0] == "aisbench":
                code = self._module("aisbench", words[1:])
            else:
                code = self._bash(line, variables)
            said.append(self.said)
            wanted = expected if line is last else 0
            assert code == wanted, f"{line}: exit code {code}\n{self.said}"
            assert "Traceback" not in self.said, self.said
        self.said = "".join(said)

    def _module(self, name: str, words: list[str]) -> int:
        """``python -m NAME WORDS``; its exit code."""
        if WARM and not self._has_installed:
            ended = warm.start(name, words, self.environment, self.folder).finish(120)
            self.said = ended.out + ended.err
            return ended.code
        return self._call([sys.executable, "-m", name, *words])

    @property
    def _has_installed(self) -> bool:
        """Whether a page installed something: a program that has its imports does not see it."""
        return any(Path(self.environment["PAGE_SITE"]).iterdir())

    def _bash(self, line: str, variables: dict[str, str]) -> int:
        return self._call(["bash", "-euo", "pipefail", "-c", line], variables)

    def _call(self, command: list[str], variables: dict[str, str] | None = None) -> int:
        done = subprocess.run(
            command, cwd=self.folder, env={**self.environment, **(variables or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=120, check=False,
        )  # fmt: skip
        self.said = done.stdout
        return done.returncode

    def _compare(self, text: str) -> None:
        """Blanks and rules do not count; ``...`` stands for anything."""
        said = [_plain(line) for line in self.said.splitlines()]
        for line in text.splitlines():
            parts = [re.escape(part) for part in _plain(line).split("...")]
            wanted = re.compile(".*".join(parts))
            assert any(wanted.fullmatch(one) for one in said), f"{line!r} is not in\n{self.said}"

    def _serve(self, text: str) -> None:
        port = re.search(r"--port (\d+)", text)
        assert port, f"no port is given: {text}"
        words = plain_words(text.strip(), {})
        assert words is not None and words[0] == "aisbench", text
        if WARM:
            process: Server = warm.start(
                "aisbench", words[1:], self.environment, self.folder, err=2
            )
        else:
            process = subprocess.Popen(
                [sys.executable, "-m", *words], cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        self.running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening"), f"{text}: {line!r}"


def _plain(line: str) -> str:
    return " ".join(line.replace("─", " ").replace("━", " ").split())


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
            process.terminate()
            process.wait(20)
            if process.stdout is not None:
                process.stdout.close()
