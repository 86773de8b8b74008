"""Installations apart from the one that runs these tests, and wheels to install into them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench_testkit.project import SuiteProject, make_project


def _uv() -> list[str] | None:
    if importlib.util.find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    found = shutil.which("uv")
    return [found] if found else None


def _environment() -> dict[str, str]:
    # uv ignores pip's settings; a local folder of wheels must be named to it.
    made = dict(os.environ)
    if "PIP_FIND_LINKS" in made:
        made.setdefault("UV_FIND_LINKS", made["PIP_FIND_LINKS"])
    return made


def _call(*command: object) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, f"{command}\n{done.stdout}\n{done.stderr}"


def new_environment(folder: Path, python: str | Path = sys.executable) -> Installation:
    """An empty virtual environment of ``python`` in ``folder``."""
    without = [] if _uv() is None else ["--without-pip"]
    _call(python, "-m", "venv", *without, folder)
    return Installation(folder)


@frozen
class Installation:
    """A virtual environment with nothing of this workspace but what is installed into it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def install(self, *what: object) -> None:
        if uv := _uv():
            _call(*uv, "pip", "install", "--quiet", "--python", self.python, *what)
        else:
            _call(self.python, "-m", "pip", "install", "--quiet", *what)

    def uninstall(self, name: str) -> None:
        if uv := _uv():
            _call(*uv, "pip", "uninstall", "--quiet", "--python", self.python, name)
        else:
            _call(self.python, "-m", "pip", "uninstall", "--quiet", "--yes", name)

    def project(self, root: Path, **files: str) -> SuiteProject:
        made = make_project(root, {name.replace("_", "."): text for name, text in files.items()})
        return SuiteProject(folder=made.folder, home=made.home, python=str(self.python))


def build(
    folders: Sequence[Path], target: Path, what: Literal["wheel", "sdist"] = "wheel"
) -> list[Path]:
    """Wheels, or sdists, of ``folders``, by the build backend that their pyprojects name."""
    # One interpreter for all: a pip process for each takes longer than the building.
    code = (
        "import os, sys\n"
        "from flit_core import buildapi\n"
        "target = sys.argv[1]\n"
        "for folder in sys.argv[2:]:\n"
        "    os.chdir(folder)\n"
        f"    print(buildapi.build_{what}(target))\n"
    )
    command = [sys.executable, "-c", code, str(target), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [target / line for line in done.stdout.splitlines()]
