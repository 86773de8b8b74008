"""What a user does first, with nothing but the wheels: in empty environments, in empty folders."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from problems import ReleaseError, run
from shared_metadata import ROOT
from wheels import Built

LEAN = (
    "aisbench",
    "aisbench-plugin-files",
    "aisbench-plugin-gsm8k",
    "aisbench-plugin-simulator",
    "aisbench-plugin-synthetic",
    "aisbench-plugin-table",
    "aisbench-plugin-vllm",
)
"""What the quickstart needs, and a workload, so that a load lacks nothing but numpy."""
ADVICE = 'pip install "aisbench[performance]"'


def interpreters(asked: Sequence[str]) -> list[Path]:
    """Interpreters by version ("3.10") or path. Raises ReleaseError for one that is not here."""
    return [_interpreter(one) for one in asked]


def _interpreter(asked: str) -> Path:
    if os.sep in asked:
        candidates = [Path(asked)]
    else:
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
        candidates = [
            *(Path(folder, f"python{asked}") for folder in os.get_exec_path()),
            *sorted(pyenv.glob(f"{asked}.*/bin/python"), reverse=True),
        ]
    for path in candidates:
        # A name on PATH may be a shim of a version manager, which runs nothing.
        if path.is_file() and subprocess.call(
            [str(path), "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) == 0:  # fmt: skip
            return path
    raise ReleaseError(
        f"no interpreter {asked} was found: install it, or name others with --python"
    )


def trial(python: Path, built: Sequence[Built], work: Path) -> None:
    """Install the wheels and run the quickstart; print what a user sees. Raises ReleaseError."""
    here = Installation(python, built, Path(tempfile.mkdtemp(prefix="trial-", dir=work)))
    print(f"\n== {here.python('-VV').strip()}")
    here.install(*LEAN)
    for module in ("numpy", "pyarrow"):
        here.python("-c", f"import {module}", expected=1)
    print(f"== {len(LEAN)} distributions and what they need; no numpy, no pyarrow")
    print(here.aisbench("run", "quickstart.toml"))
    (made,) = (here.folder / "outputs" / "quickstart").iterdir()
    here.aisbench("evaluate", made)
    here.aisbench("report", made)
    refused = here.aisbench("run", "performance.toml", expected=2)
    if ADVICE not in refused or (here.folder / "outputs" / "performance").exists():
        raise ReleaseError(f"a load without numpy was not refused with {ADVICE!r}:\n{refused}")
    print("== a load without numpy\n" + refused)
    here.install("aisbench-all", "aisbench-testkit")
    print("== aisbench-all")
    here.aisbench("plugins", "doctor")
    here.aisbench("plugins", "check", "aisbench-plugin-gsm8k")
    here.aisbench("run", "quickstart.toml")
    print(
        here.aisbench(
            "run", "performance.toml", "--set", "load.duration=2", "--set", "load.sweep.rate=[20]"
        )
    )


class Installation:
    """A virtual environment and an empty folder with the examples."""

    def __init__(self, python: Path, built: Sequence[Built], folder: Path) -> None:
        self.folder = folder
        self._environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PYTHON", "AISBENCH", "VIRTUAL_ENV"))
        }
        scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
        self._python = scripts / "python"
        run(python, "-m", "venv", folder / "env", where=folder, environment=self._environment)
        self._built = built
        self._constraints = folder / "constraints.txt"
        self._constraints.write_text(
            "".join(f"{one.name}=={one.version}\n" for one in built), encoding="utf-8"
        )
        for name in ("quickstart.toml", "performance.toml"):
            shutil.copy(ROOT / "examples" / name, folder)

    def install(self, *names: str) -> None:
        """Install by name. Raises ReleaseError when one of ours came from anywhere else."""
        self.python(
            "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--constraint", self._constraints, "--find-links", self._built[0].wheel.parent, *names,
        )  # fmt: skip
        site = Path(self.python("-c", "import site; print(site.getsitepackages()[0])").strip())
        for one in self._built:
            for record in site.glob(f"{one.information}/RECORD"):
                # An index may have a distribution of this name and version.
                if not one.hashes() <= set(record.read_text(encoding="utf-8").splitlines()):
                    raise ReleaseError(f"{record.parent} is not from {one.wheel}")

    def python(self, *arguments: object, expected: int = 0) -> str:
        """Run the environment's interpreter."""
        return run(
            self._python, *arguments,
            where=self.folder, environment=self._environment, expected=expected,
        )  # fmt: skip

    def aisbench(self, *arguments: object, expected: int = 0) -> str:
        """Run the command line, with a home in which nothing is."""
        return run(
            self._python, "-m", "aisbench", *arguments,
            where=self.folder,
            environment={**self._environment, "HOME": str(self.folder)},
            expected=expected,
        )  # fmt: skip
