"""Reading events of a stream that differ in their text alone, without parsing each as a whole.

Nearly every event of a stream repeats the one before it, byte for byte, but for the few letters
of a token: ``{"id":"x",...,"content":"`` and ``"},"finish_reason":null}]}`` stay. What stays is
learnt from one event; of the others only the string between is parsed. An event that differs in
anything else is not taken here, and is read as if there were no such shortcut.

Why it is exact: the place of the text is proved, not guessed. The event is parsed once more with
another string in that place, and the collector must see just that string as the text. JSON is cut
into tokens from left to right, so between the same bytes another valid string token leaves all
other tokens as they were; and whether the bytes between are a valid token is for orjson to say.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeGuard

import orjson

_PROBE = "\u2297 aisbench \u2297"
_ENDS = b"\n\n"
_LF = 10
"""A line feed; a number is found in bytes several times as fast as bytes are."""
_DATA = len(b"data:")
MOST_TRIES = 4
"""Events in a row that may be learnt from in vain; then the stream is of another kind."""
LONGEST = 4096
"""Bytes of an event from which it is worth while to learn."""
SHORT = 1500
"""Bytes of a read in which long strings are looked for: in longer ones that costs too much."""

_read = orjson.loads


class TextCollector(Protocol):
    """A collector some of whose events are a piece of text and nothing else."""

    def text_of(self, event: Any) -> str | None:
        """The text of an event that counts as one with tokens and adds text alone; else None.

        The same event with another text that is not empty must be one as well, now and later in
        the same answer. Must not raise.
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
            return  # written with escapes, or found elsewhere too: another event will do
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
        """Take ``data``, if it is a few events like the one learnt from, each with its blank line,
        and nothing else; how many they are."""
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
    """The strings whose insides, in JSON, these are, up to the first that is none, or empty."""
    count = len(literals)
    joined = b'["%b"]' % b'","'.join(literals)
    # A quote of a literal's own could end it early, and another one's go on beyond it.
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
