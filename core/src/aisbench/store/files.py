"""Replacing, moving and removing files so that a crash at any instant leaves old or new, whole.

A rename is durable when its folder is synced, and says nothing about the bytes of the file unless
these were synced before. So: write beside, sync, rename, sync the folder.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from aisbench.base.errors import StoreError

LITTER = ".*.tmp"
"""What a killed process leaves beside a file that it was about to replace."""


def failure(path: Path, error: OSError) -> StoreError:
    """The error of a file that cannot be written."""
    return StoreError(
        f"{path}: cannot be written: {error.strerror or error}",
        hint="what was written before is intact; free space or permissions, then --resume",
    )


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; afterwards its content is that of ``path``, durably, in one step.

    Raises StoreError for every OSError within; ``path`` is as it was then.
    """
    # One process at a time works in a run: a name that is always the same leaves at most one.
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        make_folder(path.parent)
        yield temporary
        sync_file(temporary)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise failure(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Replace ``path`` in one step, durably, with a content or its pieces. Raises StoreError."""
    pieces = (content,) if isinstance(content, bytes) else content
    with replacing(path) as temporary, temporary.open("wb") as file:
        file.writelines(pieces)


def write_copies(folder: Path, files: Mapping[str, Path]) -> None:
    """Make ``folder`` hold copies of files, by their paths in it, and no others. Raises
    StoreError."""
    # All are read before any is written: a file may be the copy of an earlier time.
    contents = {}
    for name, path in files.items():
        try:
            contents[name] = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from error
    kept = {folder / name for name in contents}
    remove(one for one in folder.rglob("*") if one.is_file() and one not in kept)
    for name, content in contents.items():
        write_atomically(folder / name, content)


def make_folder(path: Path) -> None:
    """Make a folder and all above it, durably. Raises OSError."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        sync_folder(one.parent)


def move(source: Path, target: Path) -> None:
    """Rename a file or a folder, durably; ``target`` must not exist. Raises StoreError."""
    try:
        make_folder(target.parent)
        source.rename(target)
        sync_folder(target.parent)
        if source.parent != target.parent:
            sync_folder(source.parent)
    except OSError as error:
        raise failure(target, error) from error


def remove(paths: Iterable[Path]) -> None:
    """Remove files. Raises StoreError."""
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise failure(path, error) from error


def sync_file(path: Path) -> None:
    """Wait until the bytes of a file are on the disk. Raises OSError."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk. Raises OSError."""
    sync_file(path)


def sync_tree(folder: Path) -> None:
    """Wait until the names in a folder and in all below it are on the disk. Raises StoreError."""
    try:
        for path, _, _ in os.walk(folder, topdown=False):
            sync_folder(Path(path))
    except OSError as error:
        raise failure(folder, error) from error


def clear_litter(folder: Path) -> None:
    """Remove what killed processes left half-written; nobody else may be writing there."""
    for path in folder.rglob(LITTER):
        with contextlib.suppress(OSError):
            path.unlink()
