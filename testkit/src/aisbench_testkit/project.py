"""A folder with a suite, in which the command line is run as a user runs it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen


@frozen(kw_only=True)
class CommandResult:
    """What a command left."""

    code: int
    out: str
    err: str


@frozen(kw_only=True)
class SuiteProject:
    """``folder`` holds the files; ``home`` is an empty home folder."""

    folder: Path
    home: Path
    python: str = sys.executable
    env: Mapping[str, str] = field(factory=dict)

    def run(
        self, *args: str, timeout: float = 120, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """``python -m aisbench ARGS`` in the folder; ``env`` is added to the environment."""
        return self.call("-m", "aisbench", *args, timeout=timeout, env=env)

    def call(
        self, *args: str, timeout: float = 120, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """The Python of the project with any arguments."""
        done = subprocess.run(
            [self.python, *args],
            cwd=self.folder,
            env={**self._environment(), **self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        return CommandResult(code=done.returncode, out=done.stdout, err=done.stderr)

    def _environment(self) -> dict[str, str]:
        # Settings of whoever runs the tests must not reach the command.
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AISBENCH_", "XDG_", "PYTEST_"))
            and name.lower() not in ("http_proxy", "https_proxy", "all_proxy")
        }
        return {
            **kept,
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "NO_COLOR": "1",
            "PYTHONUTF8": "1",
        }


def make_project(root: Path, files: Mapping[str, str]) -> SuiteProject:
    """Write ``files`` into ``root/project``."""
    folder, home = root / "project", root / "home"
    home.mkdir(exist_ok=True)
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    share_cache(home)
    return SuiteProject(folder=folder, home=home)


def share_cache(home: Path) -> None:
    """What aisbench keeps in the user's cache it makes again where it is missing, in seconds: a
    project of a test takes that of whoever runs the tests."""
    own = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "aisbench"
    with contextlib.suppress(OSError):
        own.mkdir(parents=True, exist_ok=True)
        (home / ".cache").mkdir(exist_ok=True)
        (home / ".cache" / "aisbench").symlink_to(own)
