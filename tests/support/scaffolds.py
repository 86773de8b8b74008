"""A package of every kind as `aisbench plugins new` writes it, installed from wheels."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import frozen
from empty_environments import interpreters
from problems import ReleaseError

from aisbench.scaffold.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
NEEDED = (
    "core", "testkit", "plugins/evaluators/choices", "plugins/evaluators/numeric",
    "plugins/evaluators/repeats", "plugins/summarizers/table", "plugins/backends/simulator",
    "plugins/backends/vllm", "plugins/datasets/gsm8k",
)  # fmt: skip
BUILD = """
import os, sys
from flit_core import buildapi
target, sdists, *folders = sys.argv[1:]
for folder in folders:
    os.chdir(folder)
    print(buildapi.build_wheel(target))
    if sdists == "yes":
        print(buildapi.build_sdist(target))
"""


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
    python = root / "venv" / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    try:
        (chosen,) = interpreters([version]) if version else [Path(sys.executable)]
    except ReleaseError as error:
        pytest.skip(str(error))
    made = _run([*uv, "venv", "--quiet", "--python", chosen, root / "venv"])
    assert not made.returncode, made.stderr
    wheels = _built(root / "wheels", [ROOT / one for one in NEEDED], sdists=False)
    _installed(uv, python, [*wheels, "pytest", "numpy", "pyarrow"])
    for kind in KINDS:
        done = _run([python, "-m", "aisbench", "plugins", "new", kind, f"new-{kind}"], root)
        assert not done.returncode, done.stdout + done.stderr
    folders = {kind: root / f"aisbench-plugin-new-{kind}" for kind in KINDS}
    built = _built(root / "built", list(folders.values()), sdists=True)
    _installed(uv, python, [*built[0::2], "--no-deps"])
    sdists = dict(zip(KINDS, built[1::2], strict=True))
    return Scaffolds(root=root, python=python, folders=folders, sdists=sdists)


def _built(target: Path, folders: list[Path], *, sdists: bool) -> list[Path]:
    """Wheels of ``folders``, each followed by its sdist where those are wanted."""
    target.mkdir()
    words = [sys.executable, "-c", BUILD, target, "yes" if sdists else "no", *folders]
    done = _run(words)
    assert not done.returncode, done.stderr
    return [target / line for line in done.stdout.splitlines()]


def _installed(uv: list[str], python: Path, what: list[object]) -> None:
    done = _run([*uv, "pip", "install", "--quiet", "--python", python, *what])
    assert not done.returncode, done.stderr


def _run(words: list[object], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AISBENCH_", "PYTEST_"))
    }
    # uv ignores pip's settings; a local folder of wheels must be named to it.
    if "PIP_FIND_LINKS" in kept:
        kept.setdefault("UV_FIND_LINKS", kept["PIP_FIND_LINKS"])
    return kept
