r"""Lists of bracketed items, as patterns like ``\[\s*{.*?}\s*(,\s*{.*?}\s*)*\]`` find them in a
text, in time in proportion to it.

The patterns themselves try every way to divide the text into items: thirty pairs of brackets
without the last one are endless.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

_BLANKS = re.compile(r"\s*")


def after_blanks(text: str, place: int) -> int:
    """The first place from ``place`` on that is not a blank."""
    found = _BLANKS.match(text, place)
    return found.end() if found else place


def places(text: str, wanted: str) -> list[int]:
    """Where ``wanted`` stands, in order."""
    return [found.start() for found in re.finditer(f"(?={re.escape(wanted)})", text)]


def next_of(sorted_places: list[int], start: int) -> int | None:
    """The first of some places that is not before ``start``."""
    index = bisect_left(sorted_places, start)
    return sorted_places[index] if index < len(sorted_places) else None


class Lists:
    """Items from ``opening`` to ``closing``, commas between them, ``last`` after them. An item
    may hold anything, further brackets too: it ends at the first closing bracket from which the
    rest of a list follows. Unless ``across_lines``, no item goes over the end of a line."""

    def __init__(
        self, text: str, opening: str, closing: str, last: str, *, across_lines: bool
    ) -> None:
        self._lines = [] if across_lines else places(text, "\n")
        self._ends: dict[int, int] = {}
        good: list[int] = []
        # From the right: what follows a closing bracket is known when it is looked at.
        for place in reversed(places(text, closing)):
            following = after_blanks(text, place + 1)
            end = None
            if text.startswith(last, following):
                end = following + len(last)
            elif text.startswith(",", following):
                item = after_blanks(text, following + 1)
                if text.startswith(opening, item) and good:
                    end = self._reached(item + 1, good[-1])
            if end is not None:
                self._ends[place] = end
                good.append(place)
        self._good = good[::-1]

    def end(self, start: int) -> int | None:
        """Where the list ends whose first item's content begins at ``start``."""
        closing = next_of(self._good, start)
        return None if closing is None else self._reached(start, closing)

    def _reached(self, start: int, closing: int) -> int | None:
        line = next_of(self._lines, start)
        return self._ends[closing] if line is None or line >= closing else None


def enclosed(text: str, opening: str, closing: str, *, least: int = 0) -> Iterator[str]:
    r"""What ``opening(.*?)closing`` finds, one after the other: at least so many characters, and
    no end of a line among them."""
    lines, ends, start = places(text, "\n"), places(text, closing), 0
    while (head := text.find(opening, start)) >= 0:
        inside = head + len(opening)
        end, line = next_of(ends, inside + least), next_of(lines, inside)
        if end is None:
            return
        if line is not None and line < end:
            # Nor is there an end for what begins between here and the end of the line.
            start = line + 1
            continue
        yield text[inside:end]
        start = end + len(closing)
