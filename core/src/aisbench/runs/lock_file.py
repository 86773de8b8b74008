"""A lock: a suite, and what every thing was that it was run with, in one TOML file.

It is the suite itself with a table ``[lock]``; wherever a suite is read, that is compared with
what is there.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import tomli_w
from attrs import field, frozen

from aisbench.base.errors import ConfigError
from aisbench.config.source import MOST_BYTES, Source
from aisbench.settings.fields import data_home
from aisbench.store.environment import checksum
from aisbench.store.files import write_atomically
from aisbench.store.rows import converter

SCHEMA = 1
MOST_UNPACKED = 1 << 30
"""Bytes of one file that a lock may hold; its text has at most 16 MiB."""
HEADER = """\
# Written by `aisbench lock`: the suite, and under [lock] what it was made with.
# `aisbench run` compares that with what is there, and calls nobody but the models.
# Do not edit; change the suite and lock it again.

"""


@frozen(kw_only=True)
class LockedRows:
    """The rows of a data set that are asked: how many, and the checksum of them all."""

    count: int
    sha256: str


@frozen(kw_only=True)
class LockedContent:
    """The files of a data set themselves: path in its folder -> bytes, deflated, in base64."""

    files: Mapping[str, str]
    single: bool = False
    """Whether ``path`` is the one file, rather than a folder."""


@frozen(kw_only=True)
class LockDocument:
    """``[lock]``. Checksums are sha256 in hex, by the names of files."""

    schema: int
    made: str
    suite: str = ""
    """The checksum of what the suite asks."""
    plugins: Mapping[str, str] = field(factory=dict)
    """Distribution -> version, aisbench included."""
    data: Mapping[str, Mapping[str, str]] = field(factory=dict)
    rows: Mapping[str, LockedRows] = field(factory=dict)
    tokenizers: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """By model."""
    weights: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """Of models in this process."""
    files: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """TOML and Python files in the places of plugins."""
    content: Mapping[str, LockedContent] = field(factory=dict)


def dump_lock(tables: Mapping[str, Any], lock: LockDocument, name: str) -> bytes:
    """The file. Raises ConfigError when it would be longer than a suite may be."""
    made = tomli_w.dumps({**tables, "lock": converter().unstructure(lock)})
    text = (HEADER + made).encode()
    if len(text) > MOST_BYTES:
        raise ConfigError(
            [f"{name}: the data are {len(text) / 1e6:,.0f} MB as text, and a lock has at most "
             f"{MOST_BYTES >> 20} MiB\n  help: lock without --rows, and copy the data's folder to "
             "where the lock is run"]
        )  # fmt: skip
    return text


def read_lock(source: Source) -> LockDocument | None:
    """The lock of a suite that has one. Raises ConfigError."""
    if source.lock is None:
        return None
    hint = "lock the suite again: aisbench lock SUITE"
    schema = source.lock.get("schema") if isinstance(source.lock, Mapping) else None
    if schema != SCHEMA:
        raise ConfigError(
            [f"{source.name}: lock.schema: must be {SCHEMA}, got {schema!r}\n  help: {hint}, or "
             "use the version of aisbench that wrote it"]
        )  # fmt: skip
    try:
        return converter().structure(source.lock, LockDocument)
    except Exception as error:
        raise ConfigError(
            [f"{source.name}: lock: is damaged: {type(error).__name__}: {error}\n  help: {hint}"]
        ) from error


def packed(root: Path, files: tuple[Path, ...]) -> LockedContent:
    """The files of a data set whose path is ``root``. Raises ValueError for one outside it."""
    if root.is_file():
        return LockedContent(files={root.name: _deflated(root)}, single=True)
    return LockedContent(
        files={
            one.absolute().relative_to(root.absolute()).as_posix(): _deflated(one)
            for one in sorted(files)
        }
    )


def _deflated(path: Path) -> str:
    return base64.b64encode(zlib.compress(path.read_bytes(), 9)).decode()


def with_content(source: Source, lock: LockDocument) -> Source:
    """The suite with the data that its lock holds, unpacked below the folder of fetched data sets.

    Raises ConfigError, StoreError.
    """
    tables = dict(source.tables.get("datasets", {}))
    for name, content in lock.content.items():
        if name in tables:
            tables[name] = {**tables[name], "path": str(_unpacked(source.name, name, content))}
    return attrs.evolve(source, tables={**source.tables, "datasets": tables})


def _unpacked(where: str, name: str, content: LockedContent) -> Path:
    key = zlib.crc32("\n".join([*content.files, *content.files.values()]).encode())
    home = data_home() / "locked" / f"{name}-{key:08x}"
    for inside, packed_ in content.files.items():
        place = PurePosixPath(inside)
        if place.is_absolute() or ".." in place.parts or "\\" in inside:
            raise ConfigError(
                [f"{where}: lock.content.{name}: {inside!r} leads out of its folder"]
            )
        try:
            unpacking = zlib.decompressobj()
            found = unpacking.decompress(base64.b64decode(packed_, validate=True), MOST_UNPACKED)
            whole = unpacking.eof
        except (ValueError, zlib.error):
            whole = False
        if not whole:
            raise ConfigError(
                [f"{where}: lock.content.{name}: {inside} is damaged\n  help: restore the lock "
                 "from a copy"]
            )  # fmt: skip
        path = home / place
        if not (path.is_file() and path.read_bytes() == found):
            write_atomically(path, found)
    return home / next(iter(content.files)) if content.single else home


def tokenizer_files(name: str) -> dict[str, str]:
    """What a tokenizer is made of: file -> sha256; of a name on the hub what its cache has."""
    wanted = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
    path = Path(name).expanduser()
    if path.exists():
        folder = path if path.is_dir() else path.parent
        names = wanted if path.is_dir() else (path.name, *wanted[1:])
        found = [folder / one for one in names]
    else:
        import huggingface_hub

        cached = [huggingface_hub.try_to_load_from_cache(name, one) for one in wanted]
        found = [Path(one) for one in cached if isinstance(one, str)]
    return {one.name: checksum(one) for one in found if one.is_file()}
