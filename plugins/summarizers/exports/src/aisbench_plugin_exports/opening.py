"""The runs that a command line names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from aisbench import AisbenchError, RunResult, find_runs, load_run

SUITE = "suite.toml"
"""What every run folder holds."""


def run_folders(paths: Iterable[Path]) -> list[Path]:
    """The run directories that are named, and all below folders that are none themselves, each
    once. Raises AisbenchError for a path with no run."""
    found: dict[Path, Path] = {}
    for path in paths:
        here = [path] if (path / SUITE).is_file() else _below(path)
        found.update((one.resolve(), one) for one in here)
    return list(found.values())


def opened(folders: Iterable[Path], *, verify: bool = True) -> Iterator[RunResult]:
    """Each run in turn; without ``verify`` its files are not compared with their seals, for which
    all of them are read. Raises AisbenchError, DamageError."""
    for folder in folders:
        yield load_run(folder, verify=verify)


def _below(path: Path) -> list[Path]:
    if not path.is_dir():
        raise AisbenchError(
            f"{path}: no such folder",
            hint="name a run, such as outputs/nightly/20261120_153000, or a folder of runs",
        )
    found = list(find_runs(path))
    if not found:
        raise AisbenchError(f"{path}: holds no run", hint="a run is a folder with a suite.toml")
    return found
