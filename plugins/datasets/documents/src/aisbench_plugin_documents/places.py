"""Boxes of OCRBench v2, of numbers from 0 to 1000: one that is found, and words with boxes.

``IoUscore_metric.py``, ``spotting_metric.py``; words are compared as the Robust Reading
Competition does end to end (``E2E_iou_1_1.py`` with an IoU above 0.5, without word spotting). All
boxes have edges along the picture's, so that no polygons are needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen

from aisbench_plugin_documents.dictionaries import literal

Box = tuple[int, int, int, int]
_BOX = re.compile(r"[(\[]\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*[)\]]")
_ITEM = re.compile(r"[\[(]([^\[\]()]*)[\])]")
_QUOTED = re.compile(r'^\s*"(.*)"\s*$')
_LONGEST = 9
"""Digits of a number that is read."""
_TO = 1000
_ENOUGH = 0.5
_ANY = "###"
"""The text of a word that nobody need read."""
_EDGE = "!?.:,*\"()·[]/'"


def overlap(one: Sequence[Any], other: Sequence[Any]) -> float:
    """Intersection over union of two boxes; 0 where one has no four numbers."""
    boxes = [_whole(one), _whole(other)]
    if boxes[0] is None or boxes[1] is None:
        return 0.0
    (a, b, c, d), (e, f, g, h) = boxes[0], boxes[1]
    shared = max(0, min(c, g) - max(a, e)) * max(0, min(d, h) - max(b, f))
    union = (c - a) * (d - b) + (g - e) * (h - f) - shared
    return shared / union if union > 0 else 0.0


def _whole(box: Sequence[Any]) -> Box | None:
    try:
        a, b, c, d = (int(one) for one in box[:4])
    except (TypeError, ValueError, OverflowError):
        return None
    return a, b, c, d


def last_box(text: str) -> Box | None:
    """The last box in an answer whose numbers are at most 1000; of doubles the last counts."""
    found = None
    for match in _BOX.finditer(text):
        if all(len(one) <= _LONGEST and int(one) <= _TO for one in match.groups()):
            a, b, c, d = (int(one) for one in match.groups())
            found = a, b, c, d
    return found


@frozen
class PlacedWord:
    """A word with its box."""

    box: Box
    text: str

    @property
    def area(self) -> int:
        """In square units."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


def said_words(text: str) -> list[PlacedWord]:
    """What stands in an answer as x1, y1, x2, y2, text: in lists of Python, else in brackets."""
    parsed = literal(text)
    if parsed is not None:
        items: Iterable[Any] = parsed if isinstance(parsed, (list, tuple)) else ()
        rows = [one for one in items if isinstance(one, (list, tuple)) and len(one) > 4]
    else:
        rows = [parts for one in _ITEM.findall(text) if len(parts := one.split(",", 4)) > 4]
    found: dict[PlacedWord, None] = {}
    for row in rows:
        numbers = [str(one).strip() for one in row[:4]]
        if all(one.isdecimal() and len(one) <= _LONGEST and int(one) <= _TO for one in numbers):
            a, b, c, d = map(int, numbers)
            word = str(row[4]).replace("\n", "").strip().strip('"').strip("'")
            found[PlacedWord((a, b, c, d), word)] = None
    return [one for one in found if one.box[0] < one.box[2] and one.box[1] < one.box[3]]


def wanted_words(boxes: Any, texts: Any) -> list[PlacedWord]:
    """The reference: corners one after the other, and texts. Raises ValueError for others."""
    if not isinstance(boxes, list) or not isinstance(texts, list) or len(boxes) != len(texts):
        raise ValueError("bbox and content are no lists of one length")
    found = []
    for box, text in zip(boxes, texts, strict=True):
        try:
            numbers = [int(one) for one in box]
        except (TypeError, ValueError) as error:
            raise ValueError(f"bbox holds {box!r:.60}") from error
        across, down = numbers[0::2], numbers[1::2]
        if len(numbers) < 4 or len(across) != len(down):
            raise ValueError(f"bbox holds {box!r:.60}")
        found.append(PlacedWord((min(across), min(down), max(across), max(down)), str(text)))
    return found


def spotting_score(said: Sequence[PlacedWord], wanted: Sequence[PlacedWord]) -> float:
    """The harmonic mean of precision and recall; each box is taken once, in the order of both."""
    unread = [one for one in wanted if _plain(one.text) == _ANY]
    cared = [one for one in wanted if _plain(one.text) != _ANY]
    # An answer that lies in what nobody need read is neither right nor wrong.
    kept = [one for one in said if not any(_inside(one, other) for other in unread)]
    taken: set[int] = set()
    right = 0
    for one in cared:
        for place, other in enumerate(kept):
            if place not in taken and overlap(one.box, other.box) > _ENOUGH:
                taken.add(place)
                right += _same(_plain(one.text).upper(), _plain(other.text).upper())
                break
    if not cared or not kept or not right:
        return 0.0
    precision, recall = right / len(kept), right / len(cared)
    return 2 * precision * recall / (precision + recall)


def _inside(one: PlacedWord, other: PlacedWord) -> bool:
    (a, b, c, d), (e, f, g, h) = one.box, other.box
    shared = max(0, min(c, g) - max(a, e)) * max(0, min(d, h) - max(b, f))
    return one.area > 0 and shared / one.area > _ENOUGH


def _plain(text: str) -> str:
    """Without quotes around it, as lines of the competition's files have them."""
    match = _QUOTED.match(text)
    return match[1].replace("\\\\", "\\").replace('\\"', '"') if match else text


def _same(wanted: str, said: str) -> bool:
    """Whether a word was read; a mark at either end of the reference need not be."""
    if wanted == said:
        return True
    if not wanted:
        return False
    begins, ends = wanted[0] in _EDGE, wanted[-1] in _EDGE
    return (
        (begins and wanted[1:] == said)
        or (ends and wanted[:-1] == said)
        or (begins and ends and wanted[1:-1] == said)
    )
