"""Reading events of a stream that differ only in their text, without parsing each as a whole.

Nearly every event of a stream repeats the one before it, byte for byte, except for the few letters
of a token: ``{"id":"x",...,"content":"`` and ``"},"finish_reason":null}]}`` stay the same. These
bytes are learnt from one event; of the following ones only the string between is parsed. An event
that differs in anything else is not taken here, and is parsed as usual.

It is exact because the place of the text is proved, not guessed. The event is parsed again with
another string in that place, and the collector must see exactly that string as the text. JSON is
cut into tokens from left to right, so another valid string token between the same bytes leaves all
other tokens unchanged; and orjson decides whether the bytes between are a valid token.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeGuard

import orjson

_PROBE = "\u2297 aisbench \u2297"
_ENDS = b"\n\n"
_LF = 10
"""A line feed. Searching bytes for a number is several times as fast as for other bytes."""
_DATA = len(b"data:")
MOST_TRIES = 4
"""After so many events in a row from which nothing could be learnt, the stream is given up."""
LONGEST = 4096
"""Longest event, in bytes, from which learning is worth while."""
SHORT = 1500
"""Longest read, in bytes, in which several events are looked for; in longer ones it costs too
much."""

_read = orjson.loads


class TextCollector(Protocol):
    """A collector some of whose events add a piece of text and nothing else."""

    def text_of(self, event: Any) -> str | None:
        """The text of an event that carries tokens and adds nothing but text; else None.

        The same event with any other text that is not empty must be such an event as well, at any
        later place of the same answer. Must not raise.
        """

    def add_texts(self, texts: list[str]) -> None:
        """What :meth:`Collector.take` does with one such event for each of ``texts``."""


def collects_text(collector: object) -> TypeGuard[TextCollector]:
    """Whether a collector offers :class:`TextCollector`."""
    return hasattr(collector, "text_of") and hasattr(collector, "add_texts")


class Alike:
    """What the events of one stream have in common."""

    __slots__ = (
        "_after",
        "_before",
        "_collector",
        "_end",
        "_joint",
        "_length",
        "_over",
        "_start",
        "_tries",
    )

    def __init__(self, collector: TextCollector) -> None:
        self._collector = collector
        self._before = self._after = self._end = self._joint = b""
        self._start = self._length = self._over = 0
        self._tries = MOST_TRIES

    def learn(self, block: bytes, event: Any) -> None:
        """Learn from a block ``data:...`` that holds the object ``event``, if that can be."""
        if not self._tries or len(block) > LONGEST:
            return
        text = self._collector.text_of(event)
        if text is None:
            return
        literal = b'"%b"' % text.encode()
        if block.count(literal) != 1:
            return  # written with escapes, or found twice: another event will do
        self._tries -= 1
        before, _, after = block.partition(literal)
        try:
            probed = _read(b'%b"%b"%b' % (before[_DATA:], _PROBE.encode(), after))
        except orjson.JSONDecodeError:
            return
        if self._collector.text_of(probed) != _PROBE:
            return
        self._before, self._after = before + b'"', b'"' + after
        self._end = self._after + _ENDS
        self._joint = self._end + self._before
        self._start, self._over = len(self._before), -len(self._end)
        self._length = len(self._before) + len(self._after)

    def take_read(self, data: bytes) -> int:
        """Take ``data``, if it is nothing but a few events like the one learnt from, each with its
        blank line. Returns their number."""
        if (
            not self._length
            or not data.startswith(self._before)
            or not data.endswith(self._end)
            or len(data) < self._length + len(_ENDS)
        ):
            return 0
        literal = data[self._start : self._over]
        if _LF not in literal:
            try:
                texts: list[str] = _read(b'["%b"]' % literal)
            except orjson.JSONDecodeError:
                return 0
            if len(texts) != 1 or not texts[0]:
                return 0
        elif len(data) > SHORT:
            return 0
        else:
            literals = literal.split(self._joint)
            texts = _strings(literals)
            if len(texts) != len(literals):
                return 0
        self._tries = MOST_TRIES
        self._collector.add_texts(texts)
        return len(texts)

    def take(self, blocks: list[bytes], place: int) -> int:
        """Take the blocks from ``place`` on that are like the one learnt from; how many."""
        before, after, length = self._before, self._after, self._length
        start, over = self._start, -len(after)
        if not length or not blocks[place].startswith(before):
            return 0
        literals = []
        for at in range(place, len(blocks)):
            block = blocks[at]
            if len(block) <= length or not block.startswith(before) or not block.endswith(after):
                break
            literals.append(block[start:over])
        texts = _strings(literals)
        if not texts:
            return 0
        self._tries = MOST_TRIES
        self._collector.add_texts(texts)
        return len(texts)


def _strings(literals: list[bytes]) -> list[str]:
    """The strings that these are in JSON, without quotes, up to the first invalid or empty one."""
    count = len(literals)
    joined = b'["%b"]' % b'","'.join(literals)
    # A quote inside a literal could end it early and begin another one.
    if b"\\" not in joined and joined.count(b'"') == 2 * count:
        try:
            texts: list[str] = _read(joined)
        except orjson.JSONDecodeError:
            pass
        else:
            if all(texts):
                return texts
    found: list[str] = []
    for one in literals:
        try:
            text = _read(b'"%b"' % one)
        except orjson.JSONDecodeError:
            break
        if not text:
            break
        found.append(text)
    return found
