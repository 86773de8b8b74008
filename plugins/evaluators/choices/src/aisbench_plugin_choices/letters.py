"""Reading the letter of an option at a given place of a cleaned answer. Pure."""

from __future__ import annotations

import re

from attrs import frozen


@frozen
class Found:
    """``place`` of the option from 0; ``how`` says in a few words where it was read."""

    place: int
    how: str


_SKIP = re.compile(r"[\s*_`\"'\[\](){}<>:=,;、→#-]{0,20}")
_NAME = re.compile(
    r"(?:(?:the\s)?(?:options?|choices?|letters?|answers?)\b|选项|选择|选|第)"
    r"[\s*_`\"'\[\](){}<>:=-]{0,6}",
    re.IGNORECASE,
)
_ADVERB = re.compile(
    r"(?:therefore|thus|hence|clearly|indeed|definitely|certainly|simply|just|most likely|likely|"
    r"probably|then|still|actually|应该|应当|就|显然)\b[\s,:*_]{0,4}",
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"[\s*_\"')\]}]{0,4}(?:,|/|&|\+|\band\b|\bor\b|和|或者?|与|及|、)[\s*_\"'(\[]{0,4}"
    r"(?:options?\s|choices?\s|选项)?([A-Z])(?![A-Za-z0-9'])"
)
# What may follow a capital A that is an answer; before any other word it is an article.
_AFTER_A = re.compile(
    r"\s+(?:because|since|as|and|is|was|which|for|due|based|given|by|on|with|from|in|not|or|but|"
    r"would|should|seems|appears|here|therefore|thus|so|according|matches|alone|only)\b"
)
_ARTICLE = re.compile(r"\s+[a-z]")
_CLOSED = re.compile(r"[\s*_\"']{0,4}[)\].:}]|[*_\"'.]{0,4}\s*(?:\n|\Z)")


def letter_at(text: str, at: int, count: int, *, crossing: bool = True) -> int | None:
    """The place (from 0) of the option whose letter stands at ``at``, behind marks and words
    such as "option"; None when something else does, or more than one letter.

    Without ``crossing`` it must stand in the same line.
    """
    start = at
    at = _skip(text, at)
    if adverb := _ADVERB.match(text, at):
        at = _skip(text, adverb.end())
    if name := _NAME.match(text, at):
        at = _skip(text, name.end())
    if at >= len(text) or (not crossing and "\n" in text[start:at]):
        return None
    letter, after = text[at], at + 1
    place = ord(letter.upper()) - ord("A")
    if not letter.isascii() or not 0 <= place < count:
        return None
    following = text[after : after + 1]
    if following.isascii() and following.isalnum():
        return None
    if following == "'" and text[after + 1 : after + 2].isalpha():
        return None  # "A's"
    if following == "." and re.match(r"[A-Za-z]\.", text[after + 1 : after + 3]):
        return None  # "B.C."
    if letter.islower() and not (_CLOSED.match(text, after) or text[at - 1 : at] in ("(", "[")):
        return None
    if letter == "A" and _ARTICLE.match(text, after) and not _AFTER_A.match(text, after):
        return None
    second = _SECOND.match(text, after)
    if second and 0 <= ord(second.group(1)) - ord("A") < count and second.group(1) != letter:
        return None
    return place


def _skip(text: str, at: int) -> int:
    match = _SKIP.match(text, at)
    return at if match is None else match.end()
