"""A terminal that a test sits at: keys are sent to it, and what it shows is read.

tmux is the distribution's. Where it is not installed, and this is a continuous integration that
may install it, that is done once; elsewhere the tests say why they are skipped.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from attrs import define
from held import held
from live import wait_until


def _have_tmux() -> None:
    """Skips where there is none and none may be installed."""
    if shutil.which("tmux"):
        return
    if os.environ.get("CI") != "true" or os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("tmux is not installed (Debian: apt-get install tmux)")
    with held(Path(tempfile.gettempdir()) / "aisbench-tests-tmux"):
        if not shutil.which("tmux"):
            for words in (["update"], ["install", "-y", "--no-install-recommends", "tmux"]):
                done = subprocess.run(["apt-get", *words], capture_output=True, check=False)
                if done.returncode:
                    pytest.skip(f"apt-get {words[0]} failed: {done.stderr.decode()[-200:]}")


@define
class Tmux:
    """One session of a server of its own, with a shell in it."""

    socket: str

    def call(self, *words: str) -> str:
        """What tmux answers."""
        done = subprocess.run(
            ["tmux", "-L", self.socket, "-f", os.devnull, *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def keys(self, *names: str) -> None:
        """Press keys by their names in tmux: "j", "Enter", "C-c", "PageDown"."""
        self.call("send-keys", "-t", "t", *names)

    def line(self, text: str) -> None:
        """Type a line at the shell."""
        self.call("send-keys", "-t", "t", "-l", text)
        self.keys("Enter")

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self.call("resize-window", "-t", "t", "-x", str(width), "-y", str(height))

    @property
    def screen(self) -> list[str]:
        """The lines that are shown."""
        return self.call("capture-pane", "-t", "t", "-p").split("\n")[:-1]

    @property
    def text(self) -> str:
        """What is shown, as one text."""
        return "\n".join(self.screen)

    @property
    def printed(self) -> str:
        """All that was ever printed, what has scrolled away included; long lines are whole."""
        return self.call("capture-pane", "-t", "t", "-p", "-J", "-S", "-")

    def wait(self, text: str, seconds: float = 20) -> list[str]:
        """The screen, once it shows ``text``."""
        with contextlib.suppress(AssertionError):
            wait_until(lambda: text in self.text, seconds)
        assert text in self.text, self.text
        return self.screen

    def wait_gone(self, text: str) -> list[str]:
        """The screen, once it does not show ``text`` any more."""
        wait_until(lambda: text not in self.text)
        return self.screen


@contextlib.contextmanager
def terminal(
    folder: Path, environment: Mapping[str, str], width: int, height: int
) -> Iterator[Tmux]:
    """A shell in a terminal of that size. Skips where there is no tmux."""
    _have_tmux()
    found = Tmux(f"aisbench-{uuid.uuid4().hex[:12]}")
    settings = [word for name, value in environment.items() for word in (f"{name}={value}",)]
    # Without a locale of UTF-8 tmux shows no letters beyond ASCII.
    shell = shlex.join(["env", "-i", *settings, "PS1=shell> ", "bash", "--norc", "--noediting"])
    try:
        found.call(
            "-u", "new-session", "-d", "-s", "t", "-x", str(width), "-y", str(height),
            "-c", str(folder), shell,
        )  # fmt: skip
        found.wait("shell>")
        yield found
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            found.call("kill-server")
