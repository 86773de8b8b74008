"""Boxes in what models write, in whatever form. Pure.

Models were taught many: ``[x1, y1, x2, y2]`` alone, in JSON (``bbox_2d``), doubled brackets
(InternVL), two points (Qwen-VL's ``<box>(x1,y1),(x2,y2)</box>``), named corners or sizes, four
location tokens (PaliGemma's ``<loc0123>``, vertical first and of 1024; Florence-2's ``<loc_123>``,
of 1000), vertical first under ``box_2d`` (Gemini, of 1000), and a line of four numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Literal

from attrs import frozen

Order = Literal["xyxy", "xywh", "yxyx", "cxcywh"]
Numbers = tuple[float, float, float, float]


@frozen
class WrittenBox:
    """Four numbers as they stand in an answer. ``order`` and ``scale`` (numbers to the picture's
    side; 0: pixels) are what its form says of them; None: nothing."""

    numbers: Numbers
    start: int
    order: Order | None = None
    scale: float | None = None

    @property
    def is_finite(self) -> bool:
        """Whether all are numbers."""
        return all(map(math.isfinite, self.numbers))


_NUMBER = r"[-+]?(?:\d{1,12}(?:\.\d{0,40})?|\.\d{1,40}|nan|inf(?:inity)?)(?:e[-+]?\d{1,3})?"
_ONE = rf"[\"']?\s{{0,4}}({_NUMBER})\s{{0,4}}(?:px|%)?[\"']?"
_GAP = r"(?:\s{0,8}[,;]\s{0,8}|\s{1,8})"
_LIST = rf"[\[(]\s{{0,8}}{_ONE}{_GAP}{_ONE}{_GAP}{_ONE}{_GAP}{_ONE}\s{{0,8}}[\])]"
_POINT = rf"[\[(]\s{{0,8}}{_ONE}{_GAP}{_ONE}\s{{0,8}}[\])]"
_CORNER = r"(?:(?:the\s)?(?:lower|bottom)[-_ ]?right(?:\scorner)?\s?(?:is|at|=|:)?\s{0,4})?"
"""What may stand before the second of two points."""
_POINTS = rf"{_POINT}\s{{0,8}}(?:,|;|-|to|and)?\s{{0,8}}(?:and\s)?{_CORNER}{_POINT}"
_BRACKETED = re.compile(f"{_LIST}|{_POINTS}", re.IGNORECASE)
_LINE = re.compile(
    rf"^[^\S\n]{{0,8}}{_ONE}{_GAP}{_ONE}{_GAP}{_ONE}{_GAP}{_ONE}\.?\s{{0,8}}$", re.I | re.M
)
_TOKENS = re.compile(r"(?:<loc(_?)(\d{1,4})>\s{0,2})(?:<loc_?(\d{1,4})>\s{0,2}){3}")
_TOKEN = re.compile(r"<loc_?(\d{1,4})>")
_NAMED = re.compile(
    rf"\b([a-z][a-z0-9_]{{0,11}})[\"']?\s{{0,4}}[:=]\s{{0,4}}{_ONE}", re.IGNORECASE
)

_NAMES: dict[tuple[str, ...], Order] = {
    ("x1", "y1", "x2", "y2"): "xyxy",
    ("x0", "y0", "x1", "y1"): "xyxy",
    ("xmin", "ymin", "xmax", "ymax"): "xyxy",
    ("left", "top", "right", "bottom"): "xyxy",
    ("ymin", "xmin", "ymax", "xmax"): "yxyx",
    ("top", "left", "bottom", "right"): "yxyx",
    ("x", "y", "width", "height"): "xywh",
    ("x", "y", "w", "h"): "xywh",
    ("left", "top", "width", "height"): "xywh",
    ("cx", "cy", "w", "h"): "cxcywh",
    ("cx", "cy", "width", "height"): "cxcywh",
}
_WIDE = str.maketrans("【】［］（），；：", "[][](),;:") | {
    ord("０") + digit: str(digit) for digit in range(10)
}
"""Marks and digits of Chinese texts, letter for letter."""
_BEHIND = 24
"""Letters before a box in which its form may be said."""


def written_boxes(text: str) -> list[WrittenBox]:
    """All boxes, in the order in which they stand; one that another overlaps counts once."""
    text = text.translate(_WIDE)
    found = [*_of_tokens(text), *_bracketed(text), *_named(text)]
    if not found:
        found = [_as_box(text, match) for match in _LINE.finditer(text)]
    return sorted(found, key=lambda one: one.start)


def _bracketed(text: str) -> Iterator[WrittenBox]:
    return (_as_box(text, match) for match in _BRACKETED.finditer(text))


def _as_box(text: str, match: re.Match[str]) -> WrittenBox:
    a, b, c, d = (float(one) for one in match.groups() if one is not None)
    before = text[max(0, match.start() - _BEHIND) : match.start()].lower()
    order, scale = _form(before, match[0])
    return WrittenBox((a, b, c, d), match.start(), order, scale)


def _form(before: str, written: str) -> tuple[Order | None, float | None]:
    """What stands before a box, and the units in it, say of order and scale."""
    if "%" in written:
        return None, 100.0
    if "px" in written.lower():
        return None, 0.0
    key = re.search(r"(\w+)[\"']?\s*[:=]\s*\[{0,2}$", before)
    if key is not None and key[1] == "box_2d":
        return "yxyx", 1000.0
    if key is not None and key[1].endswith("xywh"):
        return "xywh", None
    tag = re.search(r"<(\|?\w+\|?)>\s*\[{0,2}$", before)
    if tag is not None and tag[1] == "box":
        # InternVL writes lists of 0 to 1000 there, Qwen-VL two points of 0 to 999.
        return "xyxy", 999.0 if written.startswith("(") else 1000.0
    if tag is not None and tag[1] == "|box_start|":
        return "xyxy", 1000.0
    if tag is not None and tag[1] == "|det|":
        return "xyxy", 999.0
    return None, None


def _of_tokens(text: str) -> Iterator[WrittenBox]:
    for match in _TOKENS.finditer(text):
        a, b, c, d = (float(one[1]) for one in _TOKEN.finditer(match[0]))
        if match[1]:
            yield WrittenBox((a, b, c, d), match.start(), "xyxy", 1000.0)
        else:
            yield WrittenBox((a, b, c, d), match.start(), "yxyx", 1024.0)


def _named(text: str) -> Iterator[WrittenBox]:
    """Four numbers that follow each other, whose names together say what they are."""
    matches = list(_NAMED.finditer(text))
    at = 0
    while at + 4 <= len(matches):
        four = matches[at : at + 4]
        names = tuple(one[1].lower().replace("_", "") for one in four)
        order = _NAMES.get(names)
        if order is None:
            at += 1
            continue
        a, b, c, d = (float(one[2]) for one in four)
        _, scale = _form("", "".join(one[0] for one in four))
        yield WrittenBox((a, b, c, d), four[0].start(), order, scale)
        at += 4
