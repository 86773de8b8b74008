"""English words for numbers: twelve, one hundred and five, two and a half. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from aisbench_plugin_numeric import exact

# fmt: off
_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
# fmt: on
_SMALL = {word: n for n, word in enumerate(_ONES)} | {
    word: 20 + 10 * n for n, word in enumerate(_TENS)
}
_SMALL["fourty"] = 40
SCALES = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "lakh": 10**5,
    "lakhs": 10**5,
    "crore": 10**7,
    "crores": 10**7,
    "dozen": 12,
}
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4,
    "fourths": 4, "fifth": 5, "fifths": 5, "sixth": 6, "sixths": 6, "seventh": 7, "sevenths": 7,
    "eighth": 8, "eighths": 8, "ninth": 9, "ninths": 9, "tenth": 10, "tenths": 10,
    "hundredths": 100,
}  # fmt: skip
_SMALL_WORD = "|".join(sorted(_SMALL, key=len, reverse=True))
_SCALE_WORD = "|".join(sorted(SCALES, key=len, reverse=True))
_PART_WORD = "|".join(sorted(_PARTS, key=len, reverse=True))
_ANY = rf"(?:{_SMALL_WORD}|hundred|{_SCALE_WORD}|{_PART_WORD})"
_NEXT = r"(?:\s?-\s?|\s{1,2}(?:and\s{1,2})?(?:an?\s{1,2})?|,\s)"
RUN = re.compile(rf"\b(?:an?\s)?{_ANY}(?:{_NEXT}{_ANY}){{0,12}}\b", re.IGNORECASE)
"""A stretch that may be a number; :func:`value` tells."""
CUES = re.compile(
    r"one|two|three|four|five|six|seven|eight|nine|ten\b|twel|teen|twent|thirt|fort|fift|hundred|"
    r"thousand|million|billion|dozen|zero|eleven|half|quarter|third|lakh|crore",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[a-z]+|,")


def value(text: str) -> Decimal | None:
    """The exact value of a run, or None where its words make no one number."""
    words = [word for word in _TOKEN.findall(text.lower()) if word not in ("and", ",")]
    if not words or len(words) > 16:
        return None
    if words[-1] in _PARTS:
        return _fraction(words)
    found: Decimal | None
    if "half" in words:  # one and a half million, half a million
        at = words.index("half")
        before = [word for word in words[:at] if word not in ("a", "an")]
        size = 1
        for word in words[at + 1 :]:
            if word in ("a", "an"):
                continue
            if word not in SCALES and word != "hundred":
                return None
            size *= SCALES.get(word, 100)
        whole = _integer(before) if before else 0
        return None if whole is None else (Decimal(whole) + Decimal("0.5")) * size
    whole = _integer(words)
    found = None if whole is None else Decimal(whole)
    return found


def _fraction(words: list[str]) -> Decimal | None:
    part, rest = words[-1], words[:-1]
    if not rest:
        return exact.ratio(1, 2) if part == "half" else None
    if rest in (["a"], ["an"]):
        return exact.ratio(1, _PARTS[part])
    if rest[-1] in ("a", "an"):  # two and a half
        return _whole_and(rest[:-1], 1, part)
    plural = part.endswith("s")
    if len(rest) == 1 or plural:
        top = _integer(rest[-1:])
        if top is None or (top != 1 and not plural):
            return None
        return _whole_and(rest[:-1], top, part)
    if rest[-1] == "one":  # two and one half
        return _whole_and(rest[:-1], 1, part)
    return None


def _whole_and(words: list[str], top: int, part: str) -> Decimal | None:
    """An integer, if any words name one, and so many parts."""
    whole = _integer(words) if words else 0
    return None if whole is None else exact.ratio(top, _PARTS[part], whole)


_UNSCALED = 10**15
"""Above all scales: none was named yet."""


def _integer(words: list[str]) -> int | None:
    total, current, last = 0, None, _UNSCALED
    for word in _counting(words):
        if word in _SMALL:
            number = _SMALL[word]
            if current is not None and not _may_follow(number, current):
                return None
            current = (current or 0) + number
        elif word == "hundred":
            if current not in range(1, 100):
                return None
            current = (current or 0) * 100
        elif word in SCALES:
            size = SCALES[word]
            if current is None or size >= last:
                return None
            total, current, last = total + current * size, None, size
        else:
            return None
    return None if current is None and last == _UNSCALED else total + (current or 0)


def _counting(words: list[str]) -> list[str]:
    """With "a hundred" as one hundred."""
    return ["one", *words[1:]] if words[:1] in (["a"], ["an"]) else words


def _may_follow(number: int, before: int) -> bool:
    """Twenty-one, a hundred (and) twelve; not twelve one, nor twenty twelve."""
    if before >= 100 and before % 100 == 0:
        return number < 100
    return number < 10 and before % 10 == 0 and before % 100 >= 20
