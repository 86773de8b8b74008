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
    bottom, rest = _PARTS[words[-1]], words[:-1]
    if rest == ["a"] or rest == ["an"] or not rest:
        return exact.ratio(1, bottom) if rest or words[-1] == "half" else None
    if rest[-1] in ("a", "an"):  # two and a half
        whole = _integer(rest[:-1])
        return None if whole is None else exact.ratio(1, bottom, whole)
    if len(rest) == 1 or words[-1].endswith("s") or words[-1] == "halves":
        top = _integer(rest[-1:])
        whole = _integer(rest[:-1]) if len(rest) > 1 else 0
        plural = words[-1].endswith("s") or words[-1] == "halves"
        if top is None or whole is None or (top != 1 and not plural):
            return None
        return exact.ratio(top, bottom, whole)
    if rest[-1] == "one":  # two and one half
        whole = _integer(rest[:-1])
        return None if whole is None else exact.ratio(1, bottom, whole)
    return None


def _integer(words: list[str]) -> int | None:
    if words[:1] in (["a"], ["an"]):
        words = ["one", *words[1:]]
    total, current, last = 0, None, 10**15
    for word in words:
        if word in _SMALL:
            number = _SMALL[word]
            if current is None:
                current = number
            elif (number < 10 and current % 10 == 0 and current % 100 >= 20) or (
                number < 100 and current % 100 == 0 and current >= 100
            ):
                current += number
            else:
                return None
        elif word == "hundred":
            if current is None or not 0 < current < 100:
                return None
            current *= 100
        elif word in SCALES:
            size = SCALES[word]
            if current is None or size >= last:
                return None
            total, current, last = total + current * size, None, size
        else:
            return None
    if current is None and last == 10**15:
        return None
    return total + (current or 0)
