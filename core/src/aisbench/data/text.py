"""Reading files of text, and JSON inside them, with errors that name file and line."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from aisbench.base.errors import DataError


def read_text(file: Path, *, hint: str = "") -> str:
    """The text of ``file`` (also of ``.gz`` ones), without a byte order mark.

    Raises DataError when it cannot be read or is not UTF-8; ``hint`` says what to do then.
    """
    try:
        content = file.read_bytes()
        if file.suffix == ".gz":
            content = gzip.decompress(content)
    except (EOFError, zlib.error, OSError) as error:
        raise cannot_read(file, error, hint) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise not_utf8(file, line, hint) from error


def refuse_stand_ins(file: Path) -> None:
    """Raises DataError for what a clone or a download leaves in the place of a file: a pointer of
    Git LFS, or a web page. A file that cannot be opened is told where it is read."""
    try:
        with file.open("rb") as opened:
            head = opened.read(64).lstrip().lower()
    except OSError:
        return
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        raise DataError(
            f"{file}: is a pointer of Git LFS, not the file itself",
            hint="get what it points to with `git lfs pull` in the clone, or download the file",
        )
    if head.startswith((b"<!doctype html", b"<html")):
        raise DataError(
            f"{file}: is a web page, not the file itself",
            hint="download the raw file, not the page that shows it",
        )


def cannot_read(file: Path, error: Exception, hint: str = "") -> DataError:
    """What to tell of a file that opening or unpacking it raised ``error`` at."""
    if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile):
        return DataError(
            f"{file}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        )
    return DataError(f"{file}: not a whole gzip file ({error})", hint=hint or "get the file anew")


def not_utf8(file: Path, line: int, hint: str = "") -> DataError:
    """What to tell of a file whose bytes are no UTF-8 in that line."""
    return DataError(
        f"{file}:{line}: not UTF-8", hint=hint or "save the file in UTF-8, e.g. with iconv"
    )


def parse_json(text: str, place: str, *, hint: str = "") -> Any:
    """``text`` as strict JSON whose strings can be sent; NaN, as pandas writes an empty cell, is
    None. Raises DataError."""
    try:
        value = json.loads(text, parse_constant=empty_cell)
        if "\\u" in text:
            # json accepts half of a surrogate pair, which no request can carry.
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"{place}: half of a surrogate pair, {error.object[error.start]!r}",
            hint="write the whole character, or both halves",
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{place}: not JSON ({error})",
            hint=hint or "write one JSON object a line, in double quotes",
        ) from error
    return value


def empty_cell(constant: str) -> None:
    """None for NaN. Raises ValueError for infinities, which are no JSON."""
    if constant != "NaN":
        raise ValueError(f"{constant} is not a number in JSON")
