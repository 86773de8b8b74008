"""Words that come again and again: what a model says that cannot stop. Linear in the text."""

from __future__ import annotations

import re
import zlib

PROBE = 24
"""Characters of a probe, which must come again close by."""
STEP = 512
"""Characters from probe to probe inside a text."""
REACH = 2048
"""Characters after a probe in which it must come again; no longer unit is found."""
LEAST_TIMES = 5
LEAST_INSIDE = 400
"""Characters of a loop that the model left again."""
LEAST_AT_END = 160
"""Characters of a loop in which the text ends."""
STALE = 4096
"""Characters at the end of a long text that are compressed."""
LEAST_NEW = 0.07
"""What they must be compressed to, of their length: a tenth of what prose, code or tables are."""
LEAST_OF_SIGNS = 400
"""Characters of a loop without a letter: rules and rows of dots are no fault."""

_DIGITS = re.compile(r"\d+")
_LAST_WORD = re.compile(r"[^\W\d]{3,}(?=[\W\d]*\Z)")


def loop_of(text: str) -> tuple[str, int] | None:
    """The unit of a loop and how often it comes; None where there is none."""
    text = text.rstrip()
    if len(text) < LEAST_AT_END:
        return None
    found = _at_end(text)
    if found is None:
        # "Step 17: we try again. Step 18: we try again.": a loop with a counter.
        tail = text[-2 * REACH :]
        word = _LAST_WORD.search(tail[-PROBE:])
        if word is not None and tail.count(word[0]) >= LEAST_TIMES:
            found = _at_end(_DIGITS.sub("0", tail), counted=True)
    return found or _inside(text)


def new_share(text: str) -> float | None:
    """How much of the end of a long text is new, by compressing it, where that is next to
    nothing: loops in which a word changes now and then. None where there is no sign of one."""
    if len(text) < STALE // 2:
        return None
    end = text[-STALE:].encode("utf-8", "replace")
    share = len(zlib.compress(end, 1)) / len(end)
    return share if share < LEAST_NEW else None


def _at_end(text: str, *, counted: bool = False) -> tuple[str, int] | None:
    probe = text[-PROBE:]
    before = text.rfind(probe, max(0, len(text) - REACH), len(text) - 1)
    if before < 0:
        return None
    period = len(text) - PROBE - before
    unit = text[-period:]
    times = _times_before(text, len(text), unit)
    letters = sum(map(str.isalpha, unit))
    enough = LEAST_AT_END if letters else LEAST_OF_SIGNS
    if times < LEAST_TIMES or times * period < enough or (counted and letters < 12):
        return None
    return unit, times


def _times_before(text: str, end: int, unit: str) -> int:
    """How often ``unit`` stands before ``end`` without a gap."""
    times = 0
    while text.startswith(unit, end - len(unit)) and end >= len(unit):
        end -= len(unit)
        times += 1
    return times


def _inside(text: str) -> tuple[str, int] | None:
    at = 0
    while at + LEAST_INSIDE <= len(text):
        again = text.find(text[at : at + PROBE], at + 1, at + REACH)
        if again > 0:
            unit = text[at:again]
            times, end = 1, again
            while text.startswith(unit, end):
                times += 1
                end += len(unit)
            enough = LEAST_INSIDE if any(map(str.isalpha, unit)) else 2 * LEAST_OF_SIGNS
            if times >= LEAST_TIMES and times * len(unit) >= enough:
                return unit, times
            at = max(at, end - len(unit) - STEP)
        at += STEP
    return None
