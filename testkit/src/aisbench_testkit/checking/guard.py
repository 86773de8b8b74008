"""What a plugin's code does beside its work: files it opens, hosts it asks, handles it leaves."""

from __future__ import annotations

import gc
import os
import stat
import sys
import sysconfig
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import field, mutable

from aisbench_testkit.network import NetworkRefused, is_local

_HANDLES = Path("/proc/self/fd") if Path("/proc/self/fd").is_dir() else Path("/dev/fd")


@mutable
class Deeds:
    """What was done while it was watched."""

    read: set[str] = field(factory=set)
    written: set[str] = field(factory=set)
    asked: set[str] = field(factory=set)
    left_open: set[str] = field(factory=set)


class _Watch:
    """One audit hook for the process, as hooks cannot be removed."""

    def __init__(self) -> None:
        self.deeds: Deeds | None = None
        self.added = False

    def __call__(self, event: str, args: Any) -> None:
        if self.deeds is None:
            return
        if event == "open" and isinstance(args[0], (str, bytes)):
            mode, flags = args[1], args[2] or 0
            writes = bool(mode and set(str(mode)) & set("wax+")) or bool(
                flags & (os.O_WRONLY | os.O_RDWR)
            )
            place = str(Path(os.fsdecode(args[0])).absolute())
            (self.deeds.written if writes else self.deeds.read).add(place)
        elif event == "sqlite3.connect" and isinstance(args[0], (str, bytes)):
            self.deeds.read.add(str(Path(os.fsdecode(args[0])).absolute()))
        elif event == "socket.connect" and isinstance(args[1], tuple):
            self._refuse(args[1][0])
        elif event == "socket.getaddrinfo":
            self._refuse(args[0])

    def _refuse(self, host: object) -> None:
        if self.deeds is not None and not is_local(host):
            self.deeds.asked.add(str(host))
            raise NetworkRefused(f"{host}: a check has no network")


_watch = _Watch()


@contextmanager
def watched() -> Iterator[Deeds]:
    """Note what the block does; other machines cannot be reached in it."""
    if not _watch.added:
        sys.addaudithook(_watch)
        _watch.added = True
    deeds = Deeds()
    gc.collect()
    before = _open_files()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        _watch.deeds = deeds
        try:
            yield deeds
        finally:
            _watch.deeds = None
            gc.collect()
            deeds.left_open = _open_files() - before
            deeds.left_open |= {
                name for one in warned if (name := _unclosed(one.message)) is not None
            }


def _unclosed(message: Warning | str) -> str | None:
    """The file of a ResourceWarning."""
    text = str(message)
    if not isinstance(message, ResourceWarning) or "unclosed file" not in text:
        return None
    return text.partition("name='")[2].partition("'")[0] or text


def _open_files() -> set[str]:
    """Ordinary files that this process holds open."""
    found = set()
    for handle in list(_HANDLES.iterdir()):
        try:
            if stat.S_ISREG(os.fstat(int(handle.name)).st_mode):
                found.add(str(handle.readlink()))
        except OSError:
            continue  # it was closed, or it is this folder itself
    return found


_PYTHON = tuple(
    {
        os.path.realpath(place)
        for place in (
            sys.prefix,
            sys.base_prefix,
            *sysconfig.get_paths().values(),
            "/proc",
            "/dev",
            "/sys",
            "/etc",
            "/usr/share/zoneinfo",
            "/usr/share/locale",
            "/usr/lib",
        )
    }
)


def deed_problems(
    deeds: Deeds, declared: Sequence[Path], packages: Sequence[Path], what: str
) -> list[str]:
    """What of it a plugin may not do. ``packages`` are the folders of its own code and data."""
    named = {os.path.realpath(file) for file in declared}
    own = tuple(os.path.realpath(folder) for folder in packages)
    scratch = os.path.realpath(tempfile.gettempdir())

    def foreign(place: str) -> bool:
        real = os.path.realpath(place)
        return (
            real not in named
            and not any(real == one or real.startswith(one + os.sep) for one in (*_PYTHON, *own))
            and Path(real).is_file()
            and not real.endswith((".py", ".pyc", ".so"))
        )

    problems = [
        f"{what} opens {place}, which files() does not name: its checksum would not be kept"
        for place in sorted(deeds.read)
        if foreign(place)
    ]
    problems += [
        f"{what} writes {place}"
        for place in sorted(deeds.written)
        if not place.startswith(("/dev/", scratch + os.sep)) and not place.endswith(".pyc")
    ]
    problems += [
        f"{what} asks the machine {host}: data are fetched by `datasets fetch` alone"
        for host in sorted(deeds.asked)
    ]
    problems += [
        f"{what} leaves {place} open: open it in a `with` block"
        for place in sorted(deeds.left_open)
    ]
    return problems
