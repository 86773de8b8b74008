"""Pictures, sounds and films that a page may show: those that a run keeps, and the user's own.

A file of the user's is shown where an answer that was looked at names it, and while it has the
checksum that the run recorded: a run of somebody else's leads to no file whose content its maker
did not have.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from attrs import define, field

from aisbench.api import Media

KEPT = re.compile(r"[0-9a-f]{64}[-.0-9a-z]{0,80}")
"""Names of contents that a run keeps: a checksum, and what was made of it."""
NAMED = 4096
"""Files of the user's that are remembered."""
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"), (b"fLaC", "audio/flac"), (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)  # fmt: skip
"""What contents begin with; others are not shown: an SVG may hold a script."""
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_HEAD = 16

Shown = tuple[Path, str]
"""A file, and its type."""


def kept_file(run: Path, name: str) -> Shown | None:
    """A content that the run keeps; None where it keeps none that is shown."""
    path = run / "media" / name
    if not KEPT.fullmatch(name) or path.is_symlink() or not path.is_file():
        return None
    return _shown(path)


@define
class OwnFiles:
    """Files of the user's that answers name. Every method may be called in any thread."""

    _named: OrderedDict[tuple[str, str], str] = field(init=False, factory=OrderedDict)
    """The run and the checksum -> the path."""
    _checked: OrderedDict[tuple[str, int, int], str] = field(init=False, factory=OrderedDict)
    """A path with its size and time of change -> the checksum."""
    _lock: threading.Lock = field(init=False, factory=threading.Lock)

    def remember(self, run: str, media: Iterable[Media]) -> None:
        """The files that an answer of a run names."""
        with self._lock:
            for one in media:
                if one.path and one.inside is None and one.sha256 and not one.making:
                    self._named[run, one.sha256] = one.path
                    self._named.move_to_end((run, one.sha256))
            while len(self._named) > NAMED:
                self._named.popitem(last=False)

    def file(self, run: str, name: str) -> Shown | None:
        """The file with that checksum; None where none was named, or it has another now."""
        with self._lock:
            path = self._named.get((run, name))
        if path is None:
            return None
        try:
            return _shown(Path(path)) if self._checksum(path) == name else None
        except OSError:
            return None

    def _checksum(self, path: str) -> str:
        about = Path(path).stat()
        stamp = (path, about.st_size, about.st_mtime_ns)
        with self._lock:
            found = self._checked.get(stamp)
        if found is None:
            with Path(path).open("rb") as file:
                made = hashlib.sha256()
                while block := file.read(1 << 20):
                    made.update(block)
            found = made.hexdigest()
            with self._lock:
                self._checked[stamp] = found
                while len(self._checked) > NAMED:
                    self._checked.popitem(last=False)
        return found


def _shown(path: Path) -> Shown | None:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    mime = next((mime for begin, mime in _MAGIC if head.startswith(begin)), "")
    if head[:4] == b"RIFF":
        mime = _RIFF.get(head[8:12], "")
    elif head[4:8] == b"ftyp":
        mime = "audio/mp4" if head[8:11] == b"M4A" else "video/mp4"
    return (path, mime) if mime else None
