"""Makes contents: several at a time, before anything is sent, each workload's in one archive.

The archive is known by what is in it and by the libraries that made it: a later run of the same
suite finds it, and makes nothing. It is whole, or not there.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import attrs

from aisbench.api import DataError, data_home
from aisbench_plugin_synthetic.media_plan import Content

log = logging.getLogger(__name__)

VERSION = 1
"""Of how contents are made."""
FOLDER = "synthetic-media"
MUCH = 200e6
"""Bytes from which on making them is told to everybody."""
_TELL_SECONDS = 1.0
_DATE = (1980, 1, 1, 0, 0, 0)


def archive_of(contents: Sequence[Content]) -> Path:
    """The archive that holds them, made if it is not there. Raises DataError."""
    path = data_home() / FOLDER / f"{_digest(contents)}.zip"
    if path.is_file():
        return path
    _check_space(path, contents)
    half = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with zipfile.ZipFile(half, "w", zipfile.ZIP_STORED) as archive:
            for content, made in _made(contents):
                archive.writestr(zipfile.ZipInfo(content.name, _DATE), made)
        half.replace(path)
    except OSError as error:
        raise DataError(
            f"synthetic: {path}: {error.strerror or error}",
            hint="AISBENCH_DATA names the folder where made contents are kept",
        ) from error
    finally:
        half.unlink(missing_ok=True)
    return path


def _check_space(path: Path, contents: Sequence[Content]) -> None:
    wanted = sum(one.estimate for one in contents)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(path.parent).free
    except OSError as error:
        raise DataError(
            f"synthetic: {path.parent}: {error.strerror or error}",
            hint="AISBENCH_DATA names the folder where made contents are kept",
        ) from error
    if wanted > free:
        raise DataError(
            f"synthetic: the pictures, sounds and films of media take about {wanted / 1e9:,.1f} "
            f"GB, and {path.parent} has {free / 1e9:,.1f} GB left",
            hint="set media.pool to fewer different ones, or AISBENCH_DATA to another folder",
        )


def _digest(contents: Sequence[Content]) -> str:
    known = hashlib.sha256(repr((VERSION, _libraries(contents))).encode())
    for one in contents:
        known.update(repr(attrs.astuple(one)).encode())
    return known.hexdigest()[:24]


def _libraries(contents: Sequence[Content]) -> list[str]:
    """Encoders, whose other versions may write other bytes. Raises DataError."""
    names = ["numpy"]
    if any(one.kind == "image" for one in contents):
        names.append("Pillow")
    if any(one.kind == "video" or one.form in ("flac", "mp3") for one in contents):
        names += ["Pillow", "av"]
    found = []
    for name in dict.fromkeys(names):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            raise DataError(
                f"synthetic: making these contents needs {name}, which is not installed",
                hint='pip install "aisbench-plugin-synthetic[media]"',
            ) from None
    return found


def _made(contents: Sequence[Content]) -> Iterator[tuple[Content, bytes]]:
    """In order, some ahead of what is taken."""
    from aisbench_plugin_synthetic.media_making import make

    workers = os.cpu_count() or 1
    about = sum(one.estimate for one in contents)
    log.log(
        logging.WARNING if about > MUCH else logging.INFO,
        "synthetic: making %s pictures, sounds and films first: about %s MB of disk, and as much "
        "again in a run",
        f"{len(contents):,}",
        f"{about / 1e6:,.0f}",
    )
    begun = told = time.monotonic()
    size = 0
    with ThreadPoolExecutor(workers) as pool:
        left = iter(contents)
        ahead = [(one, pool.submit(make, one)) for one in islice(left, 4 * workers)]
        for count in range(1, len(contents) + 1):
            content, future = ahead.pop(0)
            made = future.result()
            ahead += [(one, pool.submit(make, one)) for one in islice(left, 1)]
            size += len(made)
            yield content, made
            if time.monotonic() - told > _TELL_SECONDS:
                told = time.monotonic()
                _tell(count, len(contents), size)
    if told > begun:
        _tell(len(contents), len(contents), size, "\n")


def _tell(count: int, of: int, size: int, end: str = "") -> None:
    """One line that grows, where somebody looks."""
    if sys.stderr.isatty():
        line = f"\rsynthetic: {count:,} of {of:,} contents made, {size / 1e6:,.0f} MB"
        print(line, end=end, file=sys.stderr, flush=True)
