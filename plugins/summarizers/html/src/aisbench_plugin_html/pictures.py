"""Pictures beside the answers of a page, which is one file: each once, and no more than fit."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from attrs import define, field

from aisbench.api import Media

LARGEST = 300_000
"""Bytes of a picture; of a larger one its place is told alone."""
BUDGET = 6_000_000
"""Bytes of all pictures in the page."""
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)  # fmt: skip
"""What pictures begin with that browsers show, and that hold no script."""


@define
class Pictures:
    """Contents that a run keeps, and files of the user's while they have the checksum that the
    run recorded."""

    run: Path
    left: int = BUDGET
    held: dict[str, str] = field(init=False, factory=dict)
    """Name -> ``data:`` url."""

    def name_of(self, media: Media) -> str:
        """The name under which a picture is held; "" for one that is not."""
        name = media.sha256 + media.making
        if media.kind != "image" or not media.sha256:
            return ""
        if name not in self.held and (content := self._content(media, name)) is not None:
            self.held[name] = content
        return name if name in self.held else ""

    def _content(self, media: Media, name: str) -> str | None:
        kept = self.run / "media" / name
        own = (
            Path(media.path) if media.path and media.inside is None and not media.making else None
        )
        for path in (kept, own):
            try:
                if path is None or not 0 < path.stat().st_size <= min(LARGEST, self.left):
                    continue
                content = path.read_bytes()
            except OSError:
                continue
            if path is own and hashlib.sha256(content).hexdigest() != media.sha256:
                continue
            mime = _mime(content)
            if mime:
                self.left -= len(content)
                return f"data:{mime};base64,{base64.b64encode(content).decode('ascii')}"
        return None


def _mime(content: bytes) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((mime for begin, mime in _MAGIC if content.startswith(begin)), "")
