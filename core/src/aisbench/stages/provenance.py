"""Which answers figures were made of, so that figures of older answers are not taken for current
ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aisbench.base.errors import AisbenchError
from aisbench.stages.answers import read_stored
from aisbench.store.run import RunFolder
from aisbench.store.seals import GROWING, whole_rows_seal


def made_of(run: RunFolder, paths: Iterable[Path]) -> dict[str, list[int]]:
    """By file of the run, for those of ``paths`` that exist: bytes, number and checksum of the
    whole rows. Raises StoreError."""
    found = {}
    for path in paths:
        if path.exists():
            one = whole_rows_seal(path)
            found[path.relative_to(run.path).as_posix()] = [one.bytes, one.rows, one.crc32]
    return found


def check_made_of(run: RunFolder, result: Path, was: Mapping[str, Any]) -> None:
    """Raises AisbenchError when the figures in ``result`` are of other answers than the stored
    ones, DamageError when these are damaged."""
    for name, values in was.items():
        path = run.path / name
        now = made_of(run, [path]).get(name)
        if now != values:
            if name.partition("/")[0] in GROWING:
                for _ in read_stored(path):
                    pass  # damage, if there is any, is the error to report
            if now is None:
                held = "is missing"
            elif now[1] != values[1]:
                held = f"holds {now[1]:,} by now"
            else:
                held = "holds others by now"
            raise AisbenchError(
                f"{result}: is older than what it was made of: {values[1]:,} rows of {path}, "
                f"which {held}",
                hint=f"score what is there: aisbench evaluate {run.path}",
            )
