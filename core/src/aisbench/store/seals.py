"""What the files of a run were when a session left them, so that damage is told.

A run that lost a line, a file or a load would look like a smaller run. ``seals.json`` keeps the
length and the checksum of every file that figures are made of. A file is sealed after it is
written and unsealed before it is replaced: whatever instant a process is killed at, no seal
speaks of what the process itself changed. Journals only grow: of them a seal covers the beginning.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.base.errors import DamageError
from aisbench.store.journal import read_rows
from aisbench.store.run import RunFolder, read_json, write_json

GROWING = ("predictions", "judgements")
"""Folders of journals."""
FOLDERS = ("files", "samples", "predictions", "judgements", "results", "performance", "tune")
UNCONVERTED = ("*-*.bin", "*-*.jsonl", "worker-*.json")
"""What the workers of a load write; it becomes other files, which are sealed."""
DEVICES = "devices"
"""The folder in that of a load for what its devices told: whatever its files are called, no worker
wrote them."""
BLOCK = 1 << 20


@frozen(kw_only=True)
class Seal:
    """``crc32`` is of the first ``bytes`` bytes, which hold ``rows`` line ends."""

    bytes: int
    rows: int
    crc32: int


def seal_of(path: Path, limit: int | None = None) -> Seal:
    """The seal of a file, or of its first ``limit`` bytes. Raises OSError."""
    crc = rows = count = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK if limit is None else min(BLOCK, limit - count)):
            crc = zlib.crc32(block, crc)
            rows += block.count(b"\n")
            count += len(block)
    return Seal(bytes=count, rows=rows, crc32=crc)


def whole_rows_seal(path: Path) -> Seal:
    """The seal of a journal up to its last line end. Raises DamageError."""
    try:
        return seal_of(path, _whole_rows(path))
    except OSError as error:
        raise DamageError(f"{path}: cannot be read: {error.strerror or error}") from error


Verified = Mapping[str, tuple[int, int]]
"""File -> when it was changed (ns) and how long it was, when it was found to be as sealed."""


def seal(run: RunFolder, verified: Verified, *below: str | Path) -> None:
    """Seal every file of a run, or those in the places ``below``, but for those that did not
    change since they were ``verified``. Raises StoreError."""
    known = _read(run)
    places = _places(run, below)
    try:
        for name, path in _files(run):
            if name in known and _stamp(path) == verified.get(name):
                continue
            if not below or any(_within(name, one) for one in places):
                known[name] = whole_rows_seal(path) if _grows(name) else seal_of(path)
    except OSError as error:
        raise DamageError(f"{error.filename}: cannot be read: {error.strerror}") from error
    _write(run, known)


def unseal(run: RunFolder, *below: str | Path) -> None:
    """Forget what files in these places were: they are about to be replaced. Raises StoreError."""
    known = _read(run)
    names = [_name(run, one) if isinstance(one, Path) else one for one in below]
    kept = {name: one for name, one in known.items() if not any(_within(name, at) for at in names)}
    if len(kept) < len(known):
        _write(run, kept)


def verify(run: RunFolder) -> Verified:
    """Raises DamageError for a file that is not what a session left."""
    known = _read(run)
    found = {}
    for name, sealed in known.items():
        path = run.path / name
        try:
            stamp = _stamp(path)
            now = seal_of(path, sealed.bytes if _grows(name) else None)
        except FileNotFoundError:
            raise DamageError(f"{path}: is missing", hint=_remedy(run, name)) from None
        except OSError as error:
            raise DamageError(f"{path}: cannot be read: {error.strerror or error}") from error
        if now != sealed:
            raise DamageError(
                f"{path}{_difference(path, now, sealed, known, grows=_grows(name))}",
                hint=_remedy(run, name),
            )
        if stamp[1] == sealed.bytes:
            found[name] = stamp
    return found


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _difference(
    path: Path, now: Seal, sealed: Seal, known: Mapping[str, Seal], *, grows: bool
) -> str:
    """What is wrong with a file, as the end of a sentence that begins with its path."""
    if path.suffix in (".jsonl", ".json"):
        try:
            if path.suffix == ".json":
                read_json(path)
            else:
                for row in read_rows(path, _journal_row if grows else _any_row):
                    del row
        except DamageError as error:
            return error.message.removeprefix(str(path))
    swapped = next((name for name, one in known.items() if one == now and one.bytes), None)
    if swapped is not None:
        return f": holds what {swapped} held: were they swapped?"
    if now.bytes < sealed.bytes:
        rows = f" ({now.rows:,} of {sealed.rows:,} lines)" if path.suffix == ".jsonl" else ""
        return f": is cut: it holds {now.bytes:,} of {sealed.bytes:,} bytes{rows}"
    rows = f" ({now.rows:,} lines, then {sealed.rows:,})" if now.rows != sealed.rows else ""
    return f": was changed since the run wrote it{rows}"


def _any_row(row: Any) -> Any:
    return row


def _journal_row(row: Any) -> Any:
    """Raises for what is no row of a journal."""
    return row["key"]


def _remedy(run: RunFolder, name: str) -> str:
    seals = _path(run)
    if name.startswith("performance/"):
        return (
            f"restore it from a copy; or remove its folder and {seals}: --resume runs that load "
            "again"
        )
    if name.startswith("results/"):
        return f"restore it from a copy; or remove {seals}, then: aisbench evaluate {run.path}"
    return (
        f"restore it from a copy; or take it as it is: remove {seals} (and lines that cannot be "
        "read): --resume asks again what is missing"
    )


def _path(run: RunFolder) -> Path:
    return run.path / "seals.json"


def _read(run: RunFolder) -> dict[str, Seal]:
    path = _path(run)
    if not path.exists():
        return {}
    document = read_json(path)
    try:
        return {name: Seal(**values) for name, values in document["files"].items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise DamageError(
            f"{path}: is damaged: {error!r}", hint="remove it, if the other files are whole"
        ) from error


def _write(run: RunFolder, seals: Mapping[str, Seal]) -> None:
    files = {
        name: {"bytes": one.bytes, "rows": one.rows, "crc32": one.crc32}
        for name, one in sorted(seals.items())
    }
    write_json(_path(run), {"schema": 1, "files": files})


def _files(run: RunFolder) -> Iterator[tuple[str, Path]]:
    """Every file that figures are made of, or that says how."""
    for path in (run.suite, run.environment):
        if path.exists():
            yield _name(run, path), path
    for folder in FOLDERS:
        for path in sorted((run.path / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                if folder == "performance" and not _lasting(path):
                    continue
                yield _name(run, path), path


def _lasting(path: Path) -> bool:
    """Whether a load's file is there to stay: figures are made again by every report, and until
    a load is in its lasting form all of its files change."""
    if path.name == "summary.json":
        return False
    if path.parent.name == DEVICES:
        return True
    return not any(path.match(one) for one in UNCONVERTED) and not any(
        other for one in UNCONVERTED for other in path.parent.glob(one)
    )


def _whole_rows(path: Path) -> int:
    """Bytes up to the last line end: what follows is what a kill left of a row."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while size:
            start = max(0, size - BLOCK)
            file.seek(start)
            if (end := file.read(size - start).rfind(b"\n")) >= 0:
                return start + end + 1
            size = start
    return 0


def _places(run: RunFolder, below: Iterable[str | Path]) -> list[str]:
    return [_name(run, one) if isinstance(one, Path) else one for one in below]


def _name(run: RunFolder, path: Path) -> str:
    return path.relative_to(run.path).as_posix()


def _within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}/")


def _grows(name: str) -> bool:
    return name.partition("/")[0] in GROWING
