"""A row of the table that sight_and_sound.py prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen


@frozen(kw_only=True)
class Row:
    """One figure. ``authors`` is None where there is none to hold it against."""

    set: str
    figure: str
    ours: str
    authors: str | None = None
    source: str = ""
    differing: int | None = None
    """Rows whose verdict is not the authors'; None: they give none by row."""
    why: str = ""
    """Why figures or rows differ, where they may."""

    @property
    def good(self) -> bool:
        if self.authors is None or self.why:
            return True
        return self.ours == self.authors and not self.differing


Check = Callable[[Path], Iterator[Row]]
