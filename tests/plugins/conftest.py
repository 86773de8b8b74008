"""Installations apart from the one that runs these tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from attrs import frozen

from aisbench_testkit.project import SuiteProject, make_project

ROOT = Path(__file__).resolve().parents[2]
ACME = Path(__file__).parent / "third_party" / "aisbench-plugin-acme"

collect_ignore = ["third_party"]
"""Its tests need it installed; they are run where it is."""


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


def build_wheels(folders: Sequence[Path], target: Path) -> list[Path]:
    """Wheels of ``folders``, by the build backend that their pyprojects name."""
    # One interpreter for all: a pip process for each takes longer than the building.
    code = (
        "import os, sys\n"
        "from flit_core import buildapi\n"
        "target = sys.argv[1]\n"
        "for folder in sys.argv[2:]:\n"
        "    os.chdir(folder)\n"
        "    print(buildapi.build_wheel(target))\n"
    )
    command = [sys.executable, "-c", code, str(target), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [target / line for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Iterable[Path]], list[Path]]:
    """Builds wheels of folders."""

    def build(folders: Iterable[Path]) -> list[Path]:
        return build_wheels(list(folders), tmp_path_factory.mktemp("built"))

    return build


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheels of core, the kit, the reducers and the third party, by folder name."""
    folders = [ROOT / "core", ROOT / "testkit", ROOT / "plugins" / "evaluators" / "repeats", ACME]
    made = build_wheels(folders, tmp_path_factory.mktemp("wheels"))
    return dict(zip((folder.name for folder in folders), made, strict=True))


@pytest.fixture(scope="session")
def new_installation(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Installation]:
    """Make a clean virtual environment and install wheels, with what they depend on."""

    def make(*what: object) -> Installation:
        folder = tmp_path_factory.mktemp("venv")
        venv.create(folder, with_pip=_uv() is None)
        made = Installation(folder)
        made.install(*what)
        return made

    return make
