"""Data sets whose files are not as published: the error says which file, and what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from aisbench.api import DataError, Dataset
from aisbench_testkit.checks.dataset import shots
from aisbench_testkit.checks.trial import told

_MOST = 12
"""Files that are damaged, each in turn: the others are read by the same code."""

_LINES = (".jsonl", ".json", ".ndjson")

Damage = tuple[str, Callable[[bytes], bytes | None], bool]
"""What was done; the file's bytes after it, or None for no file; whether no file can be right
so. A file that is gone may be one of several, a row that is there twice may have no id."""


def _damages(file: Path) -> list[Damage]:
    done: list[Damage] = [
        ("is gone", lambda _: None, False),
        ("is empty", lambda _: b"", True),
        ("is not UTF-8", lambda whole: b"\xff\xd6\xd0" + whole, True),
    ]
    if file.suffix in _LINES:
        done.append(("ends within its last row", lambda whole: whole.rstrip()[:-2], True))
    if file.suffix in (".jsonl", ".ndjson"):
        done.append(("has its first row twice", _first_twice, False))
    return done


def _first_twice(whole: bytes) -> bytes:
    first = whole.split(b"\n", 1)[0]
    return first + b"\n" + whole


def check_damaged(
    make_dataset: Callable[[Path], Dataset], source: Path, scratch: Path
) -> list[str]:
    """Each file of the data set, damaged in a copy of ``source`` (its file or folder) under
    ``scratch``: DataError with its name, or, where the rest can be right by itself, no error.
    ``make_dataset`` takes the copy."""
    copy = scratch / source.name
    if source.is_dir():
        shutil.copytree(source, copy)
    else:
        shutil.copy(source, copy)
    found = [Path(file) for file in make_dataset(copy).files()]
    files = [file for file in found if file.is_relative_to(scratch)][:_MOST]
    problems = []
    for file in files:
        whole = file.read_bytes()
        for what, damage, surely in _damages(file):
            left = damage(whole)
            if left is None:
                file.unlink()
            else:
                file.write_bytes(left)
            said = _read(make_dataset, copy)
            file.write_bytes(whole)
            problems += _judged(said, f"{file.name}, which {what},", file, surely)
    return problems


def _read(make_dataset: Callable[[Path], Dataset], copy: Path) -> Exception | None:
    try:
        dataset = make_dataset(copy)
        dataset.files()
        list(dataset.samples())
        if shots(dataset):
            list(dataset.examples())
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything; it is reported
        return error
    return None


def _judged(said: Exception | None, what: str, file: Path, surely: bool) -> list[str]:
    if said is None:
        return [f"{what} is read without an error"] if surely else []
    if not isinstance(said, DataError):
        return [f"{what} raises {told(said)}; DataError is what core expects"]
    # A file that is gone may be missed by the folder that it was in.
    if surely and file.name not in str(said):
        return [f"{what} raises an error that does not name it: {said}"]
    return []
