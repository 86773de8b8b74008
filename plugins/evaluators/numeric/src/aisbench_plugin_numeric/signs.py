"""Whether a number is negative, by what stands before it. Pure."""

from __future__ import annotations

import re

CURRENCY = "$€£¥₹￥₩"
# "16 eggs minus 3" subtracts, so "minus" counts only after a word that a number would follow.
_MINUS_WORD = re.compile(
    r"(?:\bnegative|负|零下|(?:^|[=:(]|\b(?:is|was|be|are|to|of|equals))\s{0,2}minus)\s?[$€£¥]?$",
    re.IGNORECASE,
)


def sign_before(text: str, digits: int) -> tuple[bool, int]:
    """Whether a sign makes the number at ``digits`` negative, and where the literal begins."""
    at = _before_currency(text, digits)
    if at and text[at - 1] == "-":
        return (True, at - 1) if _is_sign(text, at) else (False, at)
    if at > 1 and text[at - 2 : at] == "- ":
        last = text[max(0, at - 8) : at - 2].rstrip()[-1:]
        if last in ("=", "≈"):
            return True, at - 2
    if at and text[at - 1] in " e负下s":
        return _MINUS_WORD.search(text[max(0, at - 20) : at]) is not None, at
    return False, at


def _before_currency(text: str, at: int) -> int:
    for _ in range(2):
        if at and text[at - 1] in CURRENCY:
            at -= 1
        elif at > 1 and text[at - 1] == " " and text[at - 2] in CURRENCY:
            at -= 2
    return at


def _is_sign(text: str, at: int) -> bool:
    """Whether the minus before ``at`` is a sign: behind a number, a word or a bracket it subtracts
    or joins."""
    before = text[max(0, at - 6) : at - 1]
    close = before.rstrip()
    last = close[-1:]
    word = last.isascii() and last.isalpha() and close == before
    if last == "$":  # $16$-$3$ subtracts, $-5 is an amount
        last = close[-2:-1]
    return not (word or last.isdigit() or last in (")", "-", "%", "}"))
