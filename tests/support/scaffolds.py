"""A package of every kind as `aisbench plugins new` writes it, installed from wheels."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import attrs
import pytest
from attrs import frozen
from empty_environments import interpreters
from installations import build, new_environment
from problems import ReleaseError

from aisbench.scaffold.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
NEEDED = (
    "core", "testkit", "plugins/evaluators/choices", "plugins/evaluators/numeric",
    "plugins/evaluators/repeats", "plugins/summarizers/table", "plugins/backends/simulator",
    "plugins/backends/vllm", "plugins/datasets/gsm8k",
)  # fmt: skip


@frozen(kw_only=True)
class Scaffolds:
    """``folders`` are the packages by kind, ``sdists`` what was built of them."""

    root: Path
    python: Path
    folders: Mapping[str, Path]
    sdists: Mapping[str, Path]

    def call(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """The environment's Python in ``folder``."""
        return subprocess.run(
            [str(self.python), *words],
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def aisbench(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """``aisbench WORDS`` in ``folder``."""
        return self.call(folder, "-m", "aisbench", *words)


def make_scaffolds(root: Path, version: str) -> Scaffolds:
    """In ``root``, by a Python of ``version``; empty: this one. Skips where there is none."""
    try:
        (chosen,) = interpreters([version]) if version else [Path(sys.executable)]
    except ReleaseError as error:
        pytest.skip(str(error))
    installation = new_environment(root / "venv", chosen)
    wheels, sdists = root / "wheels", root / "sdists"
    wheels.mkdir()
    sdists.mkdir()
    needed = build([ROOT / one for one in NEEDED], wheels)
    installation.install(*needed, "pytest", "numpy", "pyarrow")
    folders = {kind: root / f"aisbench-plugin-new-{kind}" for kind in KINDS}
    made = Scaffolds(root=root, python=installation.python, folders=folders, sdists={})
    for kind in KINDS:
        done = made.aisbench(root, "plugins", "new", kind, f"new-{kind}")
        assert not done.returncode, done.stdout + done.stderr
    installation.install(*build(list(folders.values()), wheels), "--no-deps")
    archives = build(list(folders.values()), sdists, "sdist")
    return attrs.evolve(made, sdists=dict(zip(KINDS, archives, strict=True)))


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AISBENCH_", "PYTEST_"))
    }
