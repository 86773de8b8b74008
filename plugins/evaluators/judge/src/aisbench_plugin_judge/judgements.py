"""What a judge says: the one verdict or rating in its words, or none. Pure.

Double brackets are what judges are asked for. Single ones stand for footnotes and lists as well,
so they count only where no double ones do, behind a label such as "Rating:". Two that differ are
unreadable, unless the second says that it corrects the first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from aisbench.answers import one_turn, plain_characters, without_emphasis

_NUMBER = r"(-?\d+(?:\.\d+)?)\s*(?:/\s*(\d+(?:\.\d+)?)|(?:out\s+of)\s+(\d+(?:\.\d+)?)|分)?"
_DOUBLE = re.compile(rf"\[\[\s*{_NUMBER}\s*\]\]")
_LABELLED = re.compile(
    r"^\W*(?P<lead>(?:[a-z]+\s){0,3}|[\u4e00-\u9fff]{0,4})"
    r"(?:(?:rating|score|grade|mark)s?|评分|得分|分数|打分|给分)\s*(?:is|was|为|是|[:=]|->|→)\s*:?\s*"
    rf"\[?\s*{_NUMBER}\s*\]?(?!\s?[\d%])",
    re.IGNORECASE | re.MULTILINE,
)
_LONE = re.compile(rf"^\s*\[\s*{_NUMBER}\s*\]\s*[.。]?\s*$", re.MULTILINE)
_OVERALL = re.compile(r"(?:overall|final|total|总|综合|最终)\s?\Z", re.IGNORECASE)
_CORRECTS = re.compile(
    r"\b(?:no|wait|correction|sorry|i\smean)\b|更正|修正|改为|不对|应为|应该是", re.IGNORECASE
)
_QUOTES = "\"'`"


def rating(text: str, high: float) -> float | None:
    """The rating in a judge's words; ``high`` is the scale's end, which "8/10" must name."""
    text = _clean(text)
    for pattern in (_DOUBLE, _LABELLED, _LONE):
        found = _unquoted(text, list(pattern.finditer(text)))
        if pattern is _LABELLED:
            overall = [one for one in found if _OVERALL.search(one.group("lead") or "")]
            found = overall or found
        if not found:
            continue
        values = [_value(one, high) for one in found]
        one = _one(text, found, values)
        return one if isinstance(one, float) else None
    return None


def verdict(pattern: re.Pattern[str], text: str) -> str | None:
    """What the group of a pattern holds, in upper case; None where nothing is found, or several
    that differ."""
    text = _clean(text)
    found = _unquoted(text, list(pattern.finditer(text)))
    values = [next((group for group in one.groups() if group is not None), "") for one in found]
    one = _one(text, found, [value.strip().upper() for value in values])
    return one if isinstance(one, str) and one else None


def _clean(text: str) -> str:
    return without_emphasis(plain_characters(one_turn(text)))


def _unquoted(text: str, found: list[re.Match[str]]) -> list[re.Match[str]]:
    """Those that do not stand in quotes, where there are others."""
    own = [one for one in found if text[one.start() - 1 : one.start()] not in tuple(_QUOTES)]
    return own or found


def _one(
    text: str, found: Sequence[re.Match[str]], values: Sequence[float | str | None]
) -> float | str | None:
    if not values:
        return None
    if len(set(values)) == 1:
        return values[0]
    # Where the last one differs, it must say that it corrects all that stand before it.
    first = next(at for at, value in enumerate(values) if value == values[-1])
    if len(set(values[first:])) > 1 or first == 0:
        return None
    between = text[found[first - 1].end() : found[first].start()]
    return values[-1] if _CORRECTS.search(between) else None


def _value(match: re.Match[str], high: float) -> float | None:
    number, *ends = match.groups()[-3:]
    if any(float(end) != high for end in ends if end is not None):
        return None
    return float(number)
