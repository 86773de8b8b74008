"""Boxes that belong together: "$x = \\boxed{3}$ or $x = \\boxed{5}$" is one statement. Pure."""

from __future__ import annotations

import re

from aisbench.answers import Box, boxes

_FAR = 80
_LAYOUT = re.compile(r"\\[\[\]()]|\\q?quad|\\text\s*\{|[\s$}]")
# "and", "or", a comma, and names that are given a value: "$x = \boxed{3}$ or $x = \boxed{5}$".
_JOINT = re.compile(
    r"\s*[,;&、，；]?\s*(?:and|or|as well as|与|和|及|或|或者|以及)?\s*[,;]?\s*"
    r"(?:[A-Za-z](?:_\{?\w+|\([A-Za-z]\))?\s*=)?\s*"
)


def last_box(text: str) -> str | None:
    r"""The inside of the last \boxed{...} (\fbox, or \boxed 5) whose braces close; else None."""
    return next((one.content for one in reversed(boxes(text)) if one.closed), None)


def joined(text: str, found: list[Box]) -> list[Box]:
    """The boxes at the end of ``found`` that are one statement: "$x=3$ or $x=5$", each in one."""
    together = found[-1:]
    for one in reversed(found[:-1]):
        between = text[one.end : together[0].start]
        if len(between) > _FAR or not (plain := _LAYOUT.sub(" ", between)).strip():
            break
        if not _JOINT.fullmatch(plain):
            break
        together.insert(0, one)
    return together
