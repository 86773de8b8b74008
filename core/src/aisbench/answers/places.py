"""Where in an answer the part stands that was read out of it, to show it to people."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_NUMBER = re.compile(r"(?:(?<!\w)[-+\u2212])?(?:\d[\d,\u00a0\u202f'_ ]*)?\.?\d+(?:[eE][-+]?\d+)?")
_GROUPING = re.compile(r"[,\u00a0\u202f'_ ]")


def read_span(answer: str, extracted: str) -> tuple[int, int] | None:
    """Begin and end of the last place in ``answer`` that says ``extracted``; None where none does
    in these words.

    ``extracted`` is in a canonical form, so the answer may write it otherwise: in other case, or,
    for a number, with separators of thousands, a plus, or zeros at its end.
    """
    wanted = extracted.strip()
    if not wanted:
        return None
    if (value := _decimal(wanted)) is not None:
        return _number(answer, value)
    edges = (r"(?<!\w)" if wanted[0].isalnum() else "", r"(?!\w)" if wanted[-1].isalnum() else "")
    for pattern in (re.escape(wanted).join(edges), re.escape(wanted)):
        places = list(re.finditer(pattern, answer)) or list(
            re.finditer(pattern, answer, re.IGNORECASE)
        )
        if places:
            return places[-1].span()
        if len(wanted) == 1:
            return None  # a letter within a word is not what was read
    return None


def _number(answer: str, value: Decimal) -> tuple[int, int] | None:
    found = None
    for place in _NUMBER.finditer(answer):
        begin, end = place.span()
        if _decimal(place[0]) == value:
            found = begin, end
            continue
        # Blanks separate thousands in one place and numbers in another.
        for word in re.finditer(r"\S+", place[0]):
            if _decimal(word[0]) == value:
                found = begin + word.start(), begin + word.end()
    return found


def _decimal(text: str) -> Decimal | None:
    plain = _GROUPING.sub("", text).replace("\u2212", "-")
    if len(plain) > 400 or not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
