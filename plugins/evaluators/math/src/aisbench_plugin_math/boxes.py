"""Boxes in LaTeX. Pure; linear in the length."""

from __future__ import annotations

import re

_BOX = re.compile(r"\\f?box(?:ed)?\s*\{|\\boxed\s+([^\s${}]+)")


def last_box(text: str) -> str | None:
    r"""The inside of the last \boxed{...} (\fbox, or \boxed 5) whose braces close; else None."""
    for match in reversed(list(_BOX.finditer(text))[-50:]):
        if match.group(1) is not None:
            return match.group(1)
        inside = _balanced(text, match.end())
        if inside is not None:
            return inside
    return None


def _balanced(text: str, begin: int) -> str | None:
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
                return text[begin:at]
        at += 1
    return None
