r"""Boxes in LaTeX: where they stand, what is in them, and which belong together. Pure; linear."""

from __future__ import annotations

import re

from attrs import frozen

MOST = 200
"""Boxes of an answer that are looked at, from its end."""
_FAR = 80
_BOX = re.compile(r"\\f?box(?:ed)?\s*\{|\\boxed\s+(\\[A-Za-z]+(?:\{[^{}]*\}){0,2}|[^\s${}\\]+)")
_LAYOUT = re.compile(r"\\[\[\]()]|\\q?quad|\\text\s*\{|[\s$}]")
# "and", "or", a comma, and names that are given a value: "$x = \boxed{3}$ or $x = \boxed{5}$".
_JOINT = re.compile(
    r"\s*[,;&、，；]?\s*(?:and|or|as well as|与|和|及|或|或者|以及)?\s*[,;]?\s*"
    r"(?:[A-Za-z](?:_\{?\w+|\([A-Za-z]\))?\s*=)?\s*"
)


@frozen
class Box:
    """One box: ``text[begin:end]`` is all of it, ``inside`` what its braces hold."""

    begin: int
    end: int
    inside: str
    closed: bool = True
    """Whether its last brace stands; the text may have been cut, or the model forgot it."""


def boxes(text: str) -> list[Box]:
    r"""The boxes (``\boxed{...}``, ``\fbox{...}``, ``\boxed 5``) in their order, without those
    inside another; the last one may be open, the others that never close are left out."""
    found: list[Box] = []
    matches = list(_BOX.finditer(text))
    end = 0
    for match in matches[-MOST:]:
        if match.start() < end:
            continue
        if match.group(1) is not None:
            found.append(Box(match.start(), match.end(), match.group(1)))
            end = match.end()
            continue
        close = _balanced(text, match.end())
        if close is not None:
            found.append(Box(match.start(), close + 1, text[match.end() : close]))
            end = close + 1
        elif match is matches[-1]:
            found.append(Box(match.start(), len(text), text[match.end() :], closed=False))
    return found


def last_box(text: str) -> str | None:
    r"""The inside of the last box whose braces close; else None."""
    return next((one.inside for one in reversed(boxes(text)) if one.closed), None)


def joined(text: str, found: list[Box]) -> list[Box]:
    """The boxes at the end of ``found`` that are one statement: "$x=3$ or $x=5$", each in one."""
    together = found[-1:]
    for one in reversed(found[:-1]):
        between = text[one.end : together[0].begin]
        if len(between) > _FAR or not (plain := _LAYOUT.sub(" ", between)).strip():
            break
        if not _JOINT.fullmatch(plain):
            break
        together.insert(0, one)
    return together


def _balanced(text: str, begin: int) -> int | None:
    depth = 1
    at = begin
    while at < len(text):
        character = text[at]
        if character == "\\":
            at += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return None
