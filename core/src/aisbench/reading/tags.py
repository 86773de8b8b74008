"""Reasoning between an opening and a closing mark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from attrs import define, field, frozen

from aisbench.reading.families import Family
from aisbench.reading.quoting import Code
from aisbench.types.tools import ToolCall


@frozen(kw_only=True)
class Split:
    """A text divided. ``before`` is what stood before the last reasoning and was not reasoning
    itself; ``calls`` are tool calls that the marks separate."""

    reasoning: str
    answer: str = ""
    before: str = ""
    ended: bool = True
    calls: tuple[ToolCall, ...] = ()


_HINTS = (
    "think", "thought", "reason", "reflect", "scratchpad", "channel", "unused9", "inner_",
    "<|content_",
)  # fmt: skip
"""Every mark of a known family holds one of these; few answers hold any."""
_BEGINS = re.compile(r"[<\[◁]|\A\s*Here")


@define(eq=False)
class Marks:
    """Families whose marks open reasoning, and those whose marks close what nothing opened."""

    opening: Sequence[Family]
    closing: Sequence[Family]
    known: bool
    """Whether all are of known families: then most texts can be passed over quickly."""
    _any: re.Pattern[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        forms = [f"(?P<open{at}>{one.open})" for at, one in enumerate(self.opening)]
        ends = "|".join(one.closing for one in self.closing if one.closing)
        if ends:
            forms.append(f"(?P<close>{ends})")
        self._any = _compiled("|".join(forms) or "(?!)")

    def possible(self, text: str) -> bool:
        """Whether ``text`` may hold a mark."""
        if not self.known:
            return True
        if not ("<" in text or "[" in text or "◁" in text or " thought process:" in text):
            return False
        lower = text.lower()
        return any(hint in lower for hint in _HINTS)

    def next(self, text: str, start: int) -> re.Match[str] | None:
        """The next mark of any kind."""
        if not self.known:
            return self._any.search(text, start)
        # Trying all families at every character would take ten times as long as scoring.
        match = self._any.match
        for place in _BEGINS.finditer(text, start):
            if found := match(text, place.start()):
                return found
        return None

    def opened(self, match: re.Match[str]) -> Family | None:
        """The family that a mark opens; None when it closes."""
        name = match.lastgroup or ""
        return self.opening[int(name[4:])] if name.startswith("open") else None

    def close(self, family: Family, match: re.Match[str]) -> re.Pattern[str]:
        """What ends the reasoning that ``match`` began."""
        if not self.closing:
            return _compiled("(?!)")
        tag = match.groupdict().get("tag")
        return _compiled(family.close.replace("{tag}", re.escape(tag)) if tag else family.close)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def split(text: str, marks: Marks) -> Split | None:
    """The reasoning and what follows it; None when there is no mark.

    A closing mark without an opening one makes everything before it reasoning, also what seemed to
    be an answer: models also write marks while they think.
    """
    return _Reader(text, marks).read() if marks.possible(text) else None


def first_mark(text: str, marks: Marks) -> str | None:
    """The first mark that is not only mentioned."""
    if not marks.possible(text):
        return None
    code = Code(text)
    at = 0
    while (match := marks.next(text, at)) is not None:
        if not code.holds(0, *match.span()):
            return match[0].strip()
        at = match.end()
    return None


class _Reader:
    """Goes through one text, mark by mark."""

    def __init__(self, text: str, marks: Marks) -> None:
        self._text = text
        self._marks = marks
        self._code = Code(text)
        self._begin = 0
        """Where the visible text begins: after the last reasoning."""
        self._thoughts: list[str] = []
        self._before = ""
        self._orphan = 0
        """Where the last closing mark without an opening one begins."""
        self._ends: dict[re.Pattern[str], re.Match[str] | None] = {}

    def read(self) -> Split | None:
        """See :func:`split`."""
        text, at = self._text, 0
        while (match := self._marks.next(text, at)) is not None:
            family = self._marks.opened(match)
            if family is None:
                at = self._close(match)
                continue
            close = self._marks.close(family, match)
            start, end = match.span()
            if start > self._begin and self._code.holds(self._begin, start, end):
                at = self._after_mention(close, end)
                continue
            seen = text[self._begin : start]
            self._before = seen if seen.strip() else self._before
            stop = self._end(close, end)
            if stop is None:
                return Split(reasoning=self._joined(seen, text[end:]), ended=False)
            self._thoughts += [seen, text[end : stop.start()]]
            at = self._begin = stop.end()
        if not self._begin:
            return None
        return Split(reasoning=self._joined(), answer=text[self._begin :], before=self._before)

    def _close(self, match: re.Match[str]) -> int:
        """Take a closing mark without an opening one. Returns where to go on."""
        start, end = match.span()
        if self._begin:
            mentioned = self._code.holds(self._begin, start, end)
        else:
            mentioned = self._code.is_span(0, start, end) or self._code.is_string(0, start, end)
        if not mentioned:
            self._thoughts, self._before, self._orphan = [], "", start
            self._begin = end
        return end

    def _after_mention(self, close: re.Pattern[str], end: int) -> int:
        """Where a quoted opening mark ends, with the closing one that is quoted beside it."""
        stop = self._next(close, end)
        if stop is not None and self._code.holds(self._begin, *stop.span()):
            return stop.end()
        return end

    def _end(self, close: re.Pattern[str], begin: int) -> re.Match[str] | None:
        """The first closing mark that is not quoted in the reasoning."""
        at = begin
        while (match := self._next(close, at)) is not None:
            if not self._code.is_span(begin, *match.span()):
                return match
            at = match.end()
        return None

    def _next(self, close: re.Pattern[str], start: int) -> re.Match[str] | None:
        """The next closing mark. The result is kept, as many places may ask for the same one."""
        known = self._ends.get(close)
        if close not in self._ends or (known is not None and known.start() < start):
            known = self._ends[close] = close.search(self._text, start)
        return known

    def _joined(self, *more: str) -> str:
        first = self._bare(self._text[: self._orphan])
        parts = [first, *self._thoughts, *more]
        return "\n".join(stripped for part in parts if (stripped := part.strip()))

    def _bare(self, text: str) -> str:
        """Reasoning without the mark that opened it."""
        match = self._marks.next(text, 0) if text else None
        if match is not None and self._marks.opened(match) and not text[: match.start()].strip():
            return text[match.end() :]
        return text
