"""What a newer thing replaces is kept in ``earlier/``, and nothing is missing in between."""

from __future__ import annotations

import shutil
from pathlib import Path

import attrs

from aisbench.store.files import failure, move, sync_tree
from aisbench.store.run import RunFolder
from aisbench.store.seals import unseal

STAGED = ".results.new"
"""Results that are being made."""
READY = ".results.ready"
"""Results that are whole, and not yet in their place."""


def set_aside_load(run: RunFolder, folder: Path) -> None:
    """Keep what an earlier session recorded of a load that is run anew. Raises StoreError."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    place = run.path / "earlier" / folder.relative_to(run.path)
    number = 1
    while (target := place.with_name(f"{place.name}.{number}")).exists():
        number += 1
    unseal(run, folder)
    move(folder, target)


def begin_results(run: RunFolder) -> RunFolder:
    """A folder for new results; the present ones stay until :func:`replace_results`."""
    staged = attrs.evolve(run, scored=STAGED)
    _drop(staged.results)
    return staged


def replace_results(run: RunFolder, staged: RunFolder) -> None:
    """Move the present results to ``earlier/NNN`` and put the staged ones in their place.

    Killed at any instant, :func:`recover_results` completes it. Raises StoreError.
    """
    unseal(run, "results")
    sync_tree(staged.results)
    move(staged.results, run.path / READY)
    recover_results(run)


def recover_results(run: RunFolder) -> None:
    """Finish what a killed process left of :func:`replace_results`, and drop results that were
    not whole yet. Raises StoreError."""
    _drop(run.path / STAGED)
    if not (run.path / READY).exists():
        return
    if run.results.exists():
        earlier = run.path / "earlier"
        numbers = [int(path.name) for path in earlier.glob("*") if path.name.isdecimal()]
        move(run.results, earlier / f"{max(numbers, default=0) + 1:03d}")
    move(run.path / READY, run.results)


def _drop(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise failure(folder, error) from error
