"""Where an export goes: standard output, a file, or a folder of files."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from aisbench import AisbenchError


def failed(path: Path, error: OSError) -> AisbenchError:
    """What is told where a file cannot be written."""
    return AisbenchError(
        f"{path}: cannot be written: {error.strerror or error}", hint="name another place with -o"
    )


@contextlib.contextmanager
def text_to(path: Path | None) -> Iterator[TextIO]:
    """A text file that is there when it is whole, or not at all; None: the standard output.

    Lone surrogates, which no UTF-8 holds, are written as escapes. Raises AisbenchError.
    """
    if path is None:
        sys.stdout.flush()
        # Another wrapper, as that of the process may know neither these errors nor UTF-8.
        with os.fdopen(
            os.dup(sys.stdout.fileno()),
            "w",
            encoding="utf-8",
            errors="backslashreplace",
            newline="",
        ) as out:
            yield out
        return
    with (
        whole(path) as fresh,
        fresh.open("w", encoding="utf-8", errors="backslashreplace", newline="") as out,
    ):
        yield out


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` at the end. Raises AisbenchError."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.fresh")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield fresh
        fresh.replace(path)
    except OSError as error:
        raise failed(path, error) from error
    finally:
        fresh.unlink(missing_ok=True)


def folder_at(path: Path) -> Path:
    """A folder, made where it is missing. Raises AisbenchError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed(path, error) from error
    return path
