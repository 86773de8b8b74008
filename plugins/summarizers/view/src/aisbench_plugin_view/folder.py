"""The outputs folder: its runs, what is no run, and where the viewer keeps its own files."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
from attrs import define, field, frozen

from aisbench import AisbenchError, find_runs
from aisbench_plugin_view.documents import Json, entry_of, stamp_of

OWN = ".aisbench"
"""The viewer's folder in the outputs folder."""
LAYOUT = "1"
TELLTALE = ("environment.json", "seals.json", "predictions", "results", "performance", "samples")
"""What a folder has that was a run once."""


@frozen
class ListedFolder:
    """A folder that the list shows. ``id`` stands for it in addresses: no path ever does."""

    id: str
    path: Path
    label: str
    """Relative to the outputs folder."""
    foreign: str = ""
    """Why it is no run; "" of a run."""


@define
class OutputsFolder:
    """Everything that is looked at. Runs are found anew at each listing."""

    top: Path
    own: Path
    """Where notes and indexes lie."""
    notes_kept: bool
    """Whether that is in the outputs folder: tags and notes are for everybody who reads it."""
    _places: dict[str, ListedFolder] = field(factory=dict)
    _lock: threading.Lock = field(factory=threading.Lock)

    @classmethod
    def open(cls, path: Path) -> OutputsFolder:
        """Raises AisbenchError where there is no such folder."""
        top = path.absolute()
        if not top.is_dir():
            raise AisbenchError(
                f"{path}: is not a folder",
                hint="give the folder that suite.output names (./outputs without one), or a run",
            )
        own = top / OWN
        single = (top / "suite.toml").is_file()  # a run is never written to
        if not single and _can_write(own):
            return cls(top, own, notes_kept=True)
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        mark = hashlib.sha256(os.fsencode(top)).hexdigest()[:16]
        return cls(top, cache / "aisbench" / "view" / mark, notes_kept=False)

    def places(self) -> list[ListedFolder]:
        """What is there now: runs, the newest first, then folders that are none. Raises
        AisbenchError."""
        try:
            runs = list(find_runs(self.top))
        except OSError as error:
            raise AisbenchError(f"{self.top}: cannot be listed: {error.strerror}") from error
        found = [self._place(path) for path in runs]
        found += [self._place(path, why) for path, why in foreign_folders(self.top, set(runs))]
        with self._lock:
            self._places = {one.id: one for one in found}
        return found

    def run(self, identifier: str) -> Path | None:
        """The run that an address means; None: there is none."""
        with self._lock:
            known = self._places.get(identifier)
        if known is None:
            known = next((one for one in self.places() if one.id == identifier), None)
        if known is None or known.foreign or not (known.path / "suite.toml").is_file():
            return None
        return known.path

    def index(self, run: Path, model: str, dataset: str, load: str) -> Path:
        """The index of a task of a run."""
        task = hashlib.sha256("\0".join((model, dataset, load)).encode()).hexdigest()[:16]
        return self.own / "index" / self._place(run).id / f"{task}.sqlite"

    def _place(self, path: Path, foreign: str = "") -> ListedFolder:
        label = path.relative_to(self.top).as_posix() if path != self.top else path.name
        mark = hashlib.sha256(os.fsencode(label)).hexdigest()[:12]
        return ListedFolder(mark, path, os.fsencode(label).decode("utf-8", "replace"), foreign)


def foreign_folders(top: Path, runs: set[Path]) -> Iterator[tuple[Path, str]]:
    """Folders in the places of runs that are none, with the reason."""
    if top in runs:
        return
    above = {parent for run in runs for parent in run.parents}
    for first in _folders(top):
        if first in runs:
            continue
        below = [] if (why := _remains(first)) else _folders(first)
        if not below and first not in above:
            yield first, why or "it holds no run (no suite.toml in it, nor in folders of it)"
        for second in below:
            if second not in runs and second not in above:
                yield second, _remains(second) or "it is no run: it has no suite.toml"


def _remains(folder: Path) -> str:
    """The reason, where a folder holds what is left of a run."""
    left = [name for name in TELLTALE if (folder / name).exists()]
    return f"it has no suite.toml, but {', '.join(left)}: a damaged run" if left else ""


def _folders(path: Path) -> list[Path]:
    try:
        with os.scandir(path) as entries:
            return sorted(
                Path(one.path)
                for one in entries
                if not one.name.startswith(".") and one.is_dir(follow_symlinks=False)
            )
    except OSError:
        return []


def _can_write(own: Path) -> bool:
    probe = own / f".{os.getpid()}.tmp"
    try:
        own.mkdir(exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        return False
    return True


@define
class RunEntries:
    """Entries of the list, kept beside the stamps of their runs: reading a thousand runs anew
    takes seconds."""

    path: Path

    def all(self, places: list[ListedFolder], seconds: float) -> tuple[list[Json], int]:
        """An entry for each place, and of how many there is none yet: nothing is read after so
        many ``seconds``."""
        end = time.monotonic() + seconds
        known = self._known()
        made, entries, left = {}, [], 0
        for place in places:
            common = {"id": place.id, "path": place.label}
            if place.foreign:
                entries.append({**common, "status": "foreign", "reason": place.foreign,
                                "name": place.path.name, "date": ""})  # fmt: skip
                continue
            stamp = stamp_of(place.path)
            stored = known.get(place.id)
            if stored is not None and stored[0] == stamp:
                entries.append({**stored[1], **common})
            elif time.monotonic() < end or not entries:
                entry = entry_of(place.path)
                entries.append({**entry, **common})
                if entry["status"] != "running":  # which ends without a write
                    made[place.id] = (stamp, entry)
            else:
                left += 1
                entries.append({**common, "status": "unread", "reason": "",
                                "name": place.path.parent.name, "date": ""})  # fmt: skip
        if made:
            self._keep(made)
        return entries, left

    def _known(self) -> dict[str, tuple[str, Json]]:
        try:
            with contextlib.closing(self._open()) as connection:
                rows = connection.execute("SELECT id, stamp, entry FROM entries").fetchall()
            return {one[0]: (one[1], orjson.loads(one[2])) for one in rows}
        except (sqlite3.Error, OSError, ValueError):
            return {}

    def _keep(self, made: dict[str, tuple[str, Json]]) -> None:
        rows = [(key, stamp, orjson.dumps(entry)) for key, (stamp, entry) in made.items()]
        try:
            with contextlib.closing(self._open()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
        except sqlite3.DatabaseError:
            self.path.unlink(missing_ok=True)  # it is made again at the next listing
        except OSError:
            return  # a full disk: the list is slower, and whole

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=10)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS entries (id TEXT PRIMARY KEY, stamp TEXT, entry BLOB)"
        )
        return connection
