"""Where a value stands in a suite: paths of keys, and how users write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aisbench.base.visible import visible

KeyPath = tuple["str | int", ...]

_PLAIN = re.compile(r"[\w.@/ -]+\Z")


def dotted(path: Sequence[str | int]) -> str:
    """A key path as users write it."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            word = key if _PLAIN.match(key) else _quoted(key)
            text += f".{word}" if text else word
    return text or "suite"


def _quoted(key: str) -> str:
    """A key that needs quotes, on one line; the end of a long one is left out."""
    text = visible(key).replace("\n", "\\n").replace("\t", "\\t")
    return f'"{text if len(text) <= 80 else text[:79] + "…"}"'
