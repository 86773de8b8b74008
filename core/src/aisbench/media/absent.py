"""What to do about a file that a row names and that is not there."""

from __future__ import annotations

import functools
from pathlib import Path

from aisbench.base.errors import DataError

PACKED = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".7z", ".rar")
"""Endings of archives that hold the files of a set until somebody unpacks them."""

_SHOWN = 3


def unreadable(path: str, error: OSError) -> DataError:
    """The error for a file at ``path``; its hint says whether an archive lies where it should
    be."""
    what = f"{path}: {error.strerror or error}"
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return DataError(what, hint="check the path and its permissions")
    folder = Path(path).parent
    while not folder.is_dir() and folder.parent != folder:
        folder = folder.parent
    if names := _packed(str(folder), _changed(folder)):
        return DataError(what, hint=f"unpack {', '.join(names)} in {folder}")
    return DataError(
        what,
        hint="put the files there, or ask only rows that have theirs (limit, range, ids); paths "
        "in data files are taken from the data file's folder",
    )


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=4)
def _packed(folder: str, changed: int) -> tuple[str, ...]:
    """The first archives in a folder; thousands of files may be missing there."""
    try:
        names = sorted(one.name for one in Path(folder).iterdir())
    except OSError:
        return ()
    return tuple(one for one in names if one.lower().endswith(PACKED))[:_SHOWN]
