"""Number literals: finding them in clean text, their exact values, their canonical form."""

from __future__ import annotations

import re
from decimal import Context, Decimal

from attrs import frozen

_LONGEST = 60
"""Literals with more characters are no answer to anything; a limit keeps hostile text cheap."""
_EXPONENT = 40
_CONTEXT = Context(prec=80)  # our own: the thread's context belongs to the application
_DIVISION = Context(prec=12)

_GROUPED = r"[0-9]{1,3}(?:[,'_\u00a0]%s[0-9]{3})+(?![0-9])"
_LITERAL = r"""
    (?<![A-Za-z0-9^\\])(?<![0-9]\.)
    (?:
      (?P<no>[0-9]+(?:(?:/[0-9]+){2,}|(?::[0-9]+)+))       # 3/4/2020, 120/2/3, 3:30, ratio 3:2
    | (?P<whole>[0-9]{1,6})\s(?P<mtop>[0-9]{1,3})/(?P<mbottom>[0-9]{1,3})(?![0-9/])
    | (?P<top>[0-9]+)\s?/\s?(?P<bottom>[0-9]+)(?![0-9.])
    | (?P<plain>(?:GROUPED|[0-9]+)(?:\.[0-9]+)?|(?<!\.)\.[0-9]+)
      (?:[eE](?P<e>[-+]?[0-9]{1,3})(?![0-9A-Za-z])
        |\s?[×x*]\s?10\s?\^\s?(?P<ten>[-+]?[0-9]{1,3})(?![0-9]))?
    )"""
_NUMBER = re.compile(_LITERAL.replace("GROUPED", _GROUPED % ""), re.VERBOSE)
# "12 345" is one number only where a single number is expected; elsewhere it may be two.
_NUMBER_SPACED = re.compile(
    _LITERAL.replace("GROUPED", _GROUPED.replace("u00a0", "u00a0\\ ") % ""), re.VERBOSE
)
_SCALES = {
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
    "万": 4,
    "亿": 8,
}
_SCALE = re.compile(r"\s?(万|亿)|[\s-](thousand|million|billion|trillion)\b", re.IGNORECASE)
_GLUED = re.compile(r"(?:st|nd|rd|th|[xyzn])(?![A-Za-z])", re.IGNORECASE)
_LIST_HEAD = re.compile(r"(?:^|\n|\*\*)[\s>*_#(-]{0,8}(?:step\s?|步骤\s?|第)?$", re.IGNORECASE)
_LIST_MARK = re.compile(r"[步.):、](?![0-9])\s{0,4}[^\s*]")
# "16 eggs minus 3" subtracts, so "minus" counts only after a word that a number would follow.
_MINUS_WORD = re.compile(
    r"(?:\bnegative|负|零下|(?:^|[=:(]|\b(?:is|was|be|are|to|of|equals))\s{0,2}minus)\s?$",
    re.IGNORECASE,
)
_CURRENCY = "$€£¥₹"


@frozen
class Number:
    """A literal in a text; ``start`` is where its sign or currency begins.

    ``written`` is the value without the scale word, or None. ``weak`` marks numbers that
    seldom are an answer: ordinals, coefficients, the numbering of a list.
    """

    value: Decimal
    written: Decimal | None
    start: int
    end: int
    weak: bool


def canonical(value: Decimal) -> str:
    """The shortest plain spelling: no exponent, no separators, no trailing zeros, no "-0"."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def parse_number(text: str) -> Decimal | None:
    """The value of ``text`` if it is one number and nothing else."""
    text = text.strip()
    match = _NUMBER.fullmatch(text[1:] if text[:1] in ("+", "-") else text)
    value = None if match is None else _value(match)
    return value if value is None or text[0] != "-" else -value


def find_numbers(text: str, *, spaced: bool = False) -> list[Number]:
    """All numbers of clean ``text``, in order. ``spaced`` allows spaces between thousands."""
    found = []
    for match in (_NUMBER_SPACED if spaced else _NUMBER).finditer(text):
        value = _value(match)
        if value is None:
            continue
        negative, start = _before(text, match.start())
        end, written = match.end(), None
        scale = _SCALE.match(text, end)
        value = -value if negative else value
        if scale is not None:
            written, end = value, scale.end()
            power = _SCALES[(scale.group(1) or scale.group(2)).lower()]
            value = value.scaleb(power, _CONTEXT)
        found.append(Number(value, written, start, end, _is_weak(text, match.start(), end)))
    return found


def _value(match: re.Match[str]) -> Decimal | None:
    if match.group("no") or match.end() - match.start() > _LONGEST:
        return None
    parts = match.groupdict()
    if parts["plain"] is None:
        top, bottom = (
            (parts["mtop"], parts["mbottom"])
            if parts["whole"]
            else (
                parts["top"],
                parts["bottom"],
            )
        )
        if not int(bottom):
            return None
        fraction = _DIVISION.divide(Decimal(top), Decimal(bottom))
        return _CONTEXT.add(Decimal(parts["whole"] or 0), fraction)
    value = Decimal(re.sub(r"[,'_\s]", "", parts["plain"]))
    power = int(parts["e"] or parts["ten"] or 0)
    return value.scaleb(power, _CONTEXT) if abs(power) <= _EXPONENT else None


def _before(text: str, digits: int) -> tuple[bool, int]:
    """Whether a sign makes the number at ``digits`` negative, and where the literal begins.

    A minus that follows a number, a word or a bracket subtracts or joins; it is no sign.
    """
    at = digits
    for _ in range(2):
        if at and text[at - 1] in _CURRENCY:
            at -= 1
        elif at > 1 and text[at - 1] == " " and text[at - 2] in _CURRENCY:
            at -= 2
    if at and text[at - 1] == "-":
        before = text[max(0, at - 6) : at - 1]
        last = before.rstrip()[-1:]
        apart = before != before.rstrip()
        word = last.isascii() and last.isalpha() and not apart
        if not (word or last.isdigit() or last in tuple(")-%")):
            return True, at - 1
        return False, at
    if at > 1 and text[at - 2 : at] == "- ":
        last = text[max(0, at - 8) : at - 2].rstrip()[-1:]
        if last in ("=", "≈"):
            return True, at - 2
    word_match = _MINUS_WORD.search(text[max(0, at - 20) : at])
    return word_match is not None, at


def _is_weak(text: str, start: int, end: int) -> bool:
    if _GLUED.match(text, end) or text[start - 1 : start] == "第":
        return True
    head = text[max(0, start - 24) : start]
    if start > 24 and "\n" not in head and "**" not in head:
        return False
    # The cut must not look like the beginning of a line.
    head = ("" if start <= 24 else "x") + head
    return _LIST_HEAD.search(head) is not None and _LIST_MARK.match(text, end) is not None
