r"""LaTeX's boxes: \boxed{...}, \fbox{...}, and \boxed 5. Pure; linear in the length."""

from __future__ import annotations

import re

from attrs import frozen

_BOX = re.compile(r"\\f?box(?:ed)?\s*\{|\\boxed\s+(?P<bare>[^\s${}\\]{1,40})|(?P<brace>\\?[{}])")
MOST = 50
"""Boxes that are returned, from the end: answers may repeat themselves endlessly."""


@frozen
class Box:
    """``content`` between ``start`` (of the command) and ``end``. Not ``closed`` where the text
    ends inside the box; then ``content`` is all that follows the brace."""

    start: int
    end: int
    content: str
    closed: bool = True


def boxes(text: str) -> list[Box]:
    """The outermost boxes of ``text`` in order, the last :data:`MOST` of them."""
    if "box" not in text:
        return []
    found: list[Box] = []
    opened: list[tuple[int, int] | None] = []
    for match in _BOX.finditer(text):
        token = match.group()
        if match.group("bare") is not None:
            if not any(opened):
                found.append(Box(match.start(), match.end(), match.group("bare").rstrip(".,;")))
        elif token == "}":
            box = opened.pop() if opened else None
            if box is not None and not any(opened):
                found.append(Box(box[0], match.end(), text[box[1] : match.start()]))
        elif token == "{":
            opened.append(None)
        elif match.group("brace") is None:
            opened.append((match.start(), match.end()))
    left = next((box for box in opened if box is not None), None)
    if left is not None and not any(box.start > left[0] for box in found):
        found.append(Box(left[0], len(text), text[left[1] :], closed=False))
    return found[-MOST:]
