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
TRIES = 16
"""Earlier places of a probe that are looked at: a unit may have it several times."""
LEAST_TIMES = 5
LONG_UNIT = 400
"""Characters of a unit that need not come five times: three are enough."""
LEAST_INSIDE = 400
"""Characters of a loop that the model left again."""
LEAST_AT_END = 160
"""Characters of a loop in which the text ends."""
STALE = 4096
"""Characters at the end of a long text that are compressed."""
LEAST_NEW = 0.07
"""What they must be compressed to, of their length: a fifth of what prose, code or tables are."""
LEAST_NEW_UNENDED = 0.1
"""The same where the model did not end its answer: a list of records may be that dull."""
LEAST_COUNTED = 800
"""Characters of a loop in which numbers change."""
LEAST_LETTERS = 3
"""Letters of a unit in which numbers change."""
FEW_SIGNS = 6
LEAST_OF_SIGNS = 800
"""Characters of a loop of a few signs, none a letter: rules, dots and matrices are no fault."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LAST_WORD = re.compile(r"[^\W\d]{3,}(?=[\W\d]*\Z)")


def loop_of(text: str, *, ended: bool = False) -> tuple[str, int] | None:
    """The unit of a loop and how often it comes; None where there is none.

    ``ended``: the model ended the text itself. A list in which numbers alone change, as tests and
    tables are, is then what was asked for.
    """
    text = text.rstrip()
    if len(text) < LEAST_AT_END:
        return None
    found = _at_end(text)
    if found is None and not ended:
        # "Step 17: we try again. Step 18: we try again.": a loop with a counter.
        tail = text[-2 * REACH :]
        word = _LAST_WORD.search(tail[-4 * PROBE :])
        if word is not None and tail.count(word[0]) >= LEAST_TIMES:
            found = _at_end(_NUMBER.sub("#", tail), counted=True)
    return found or _inside(text)


def new_share(text: str, *, ended: bool = False) -> float | None:
    """How much of the end of a long text is new, by compressing it, where that is next to
    nothing: loops in which a word changes now and then. None where there is no sign of one."""
    if len(text) < STALE // 2:
        return None
    end = text[-STALE:]
    data = end.encode("utf-8", "replace")
    share = len(zlib.compress(data, 1)) / len(data)
    least = LEAST_NEW if ended else LEAST_NEW_UNENDED
    return share if share < least and any(map(str.isalpha, end)) else None


def _at_end(text: str, *, counted: bool = False) -> tuple[str, int] | None:
    probe = text[-PROBE:]
    first = max(0, len(text) - REACH)
    before = len(text) - PROBE
    for _ in range(TRIES):
        before = text.rfind(probe, first, before + PROBE - 1)
        if before < 0:
            return None
        unit = text[before + PROBE :]
        times = _times_before(text, len(text), unit)
        if counted and sum(map(str.isalpha, unit)) < LEAST_LETTERS:
            continue
        enough = LEAST_COUNTED if counted else _enough(unit, LEAST_AT_END)
        if _often(times, unit) and times * len(unit) >= enough:
            return unit, times
    return None


def _enough(unit: str, least: int) -> int:
    """How many characters of a loop are too many."""
    few_signs = len(set(unit)) <= FEW_SIGNS and not any(map(str.isalpha, unit))
    return LEAST_OF_SIGNS * least // LEAST_AT_END if few_signs else least


def _often(times: int, unit: str) -> bool:
    return times >= (3 if len(unit) >= LONG_UNIT else LEAST_TIMES)


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
        again = at
        for _ in range(TRIES):
            again = text.find(text[at : at + PROBE], again + 1, at + REACH)
            if again < 0:
                break
            unit = text[at:again]
            times, end = 1, again
            while text.startswith(unit, end):
                times += 1
                end += len(unit)
            if _often(times, unit) and times * len(unit) >= _enough(unit, LEAST_INSIDE):
                return unit, times
            if times > 2:
                at = max(at, end - len(unit) - STEP)
                break
        at += STEP
    return None
