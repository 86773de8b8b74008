"""Where the files of a data set are, and what to do when they are missing."""

from __future__ import annotations

from pathlib import Path

from aisbench.base.errors import DataError
from aisbench.settings.fields import data_home


def folder_of(name: str, path: Path | None) -> Path:
    """The folder that the suite names, else where ``aisbench datasets fetch NAME`` puts it."""
    return path or data_home() / name


def require_file(
    file: Path, name: str, *, source: str, fetched: bool = True, parts: bool = False
) -> Path:
    """``file`` itself. Raises DataError when it is absent, with the way to get it.

    ``name`` is the data set's, ``source`` where its official files are; ``fetched`` and
    ``parts`` say whether it can be fetched, and whether some of its files can be left out.
    """
    if file.is_file():
        return file
    missing = file
    while not missing.parent.exists() and missing.parent != missing:
        missing = missing.parent
    if file.is_dir():
        what = "is a folder, not a file"
    elif missing.parent.is_file():
        missing, what = missing.parent, "is a file, not a folder"
    else:
        what = "does not exist"
    raise DataError(f"{name}: {missing} {what}", hint=how_to_get(name, source, fetched, parts))


def how_to_get(name: str, source: str, fetched: bool, parts: bool) -> str:
    """What to do where the files of a data set are not there, as :func:`require_file` says it."""
    fetch = f"get it with `aisbench datasets fetch {name}`, or " if fetched else ""
    some = "; to ask only what is there, list it as `parts`" if parts else ""
    return f"{fetch}name the folder of the official files as `path`; they are at {source}{some}"
