"""Telling marks in an answer from those that it only quotes."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

_FENCE = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})([^\n]*)$", re.MULTILINE)


class Code:
    """Where Markdown code stands in a text. Asked in the text's order, it takes linear time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ticks = [match.start() for match in re.finditer("`", text)]
        self._fences = []
        if "```" in text or "~~~" in text:
            self._fences = [
                (match.start(), match[1], not match[2].strip()) for match in _FENCE.finditer(text)
            ]
        self._starts = [start for start, _, _ in self._fences]
        self._state = (0, 0, "")
        """Of fences: where reading began, how many were read, and the one that is open."""

    def holds(self, begin: int, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` stands in Markdown code, read from ``begin`` on: in a
        fenced block, or between backticks on its line."""
        return self._in_fence(begin, start) or self._in_span(begin, start, end)

    def is_span(self, begin: int, start: int, end: int) -> bool:
        """Whether it is a whole code span: backticks touch it on both sides.

        Nothing else proves a quotation where the text before may be reasoning, whose backticks
        and fences need not come in pairs.
        """
        touched = self._text[start - 1 : start] == "`" and self._text[end : end + 1] == "`"
        return touched and start > begin and self._in_span(begin, start, end)

    def is_string(self, begin: int, start: int, end: int) -> bool:
        """Whether it is a string of a program, in a fenced block that also ends."""
        before, after = self._text[start - 1 : start], self._text[end : end + 1]
        if start <= begin or before != after or before not in ("'", '"'):
            return False
        return self._in_fence(begin, start) and bisect_left(self._starts, end) < len(self._starts)

    def _in_span(self, begin: int, start: int, end: int) -> bool:
        if not self._ticks:
            return False
        line = max(self._text.rfind("\n", begin, start) + 1, begin)
        first, last = bisect_left(self._ticks, line), bisect_left(self._ticks, start)
        if (last - first) % 2 == 0:
            return False
        following = bisect_left(self._ticks, end)
        return following < len(self._ticks) and (
            self._text.find("\n", end, self._ticks[following]) < 0
        )

    def _in_fence(self, begin: int, start: int) -> bool:
        if not self._fences:
            return False
        since, read, fence = self._state
        if since != begin or (read and self._starts[read - 1] >= start):
            read, fence = bisect_left(self._starts, begin), ""
        for _, marks, bare in self._fences[read : bisect_right(self._starts, start)]:
            if not fence:
                fence = marks
            elif marks[0] == fence[0] and len(marks) >= len(fence) and bare:
                fence = ""
            read += 1
        self._state = (begin, read, fence)
        return bool(fence)
