"""Keys of a terminal: from its bytes to words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

Key = Literal[
    "up", "down", "page-up", "page-down", "first", "last", "open", "back", "pause", "help",
    "follow", "redraw", "quit",
]  # fmt: skip

_SEQUENCES: dict[bytes, Key] = {
    b"A": "up", b"B": "down", b"C": "open", b"D": "back", b"H": "first", b"F": "last",
    b"5~": "page-up", b"6~": "page-down", b"1~": "first", b"4~": "last", b"7~": "first",
    b"8~": "last",
}  # fmt: skip
_LETTERS: dict[bytes, Key] = {
    b"k": "up", b"j": "down", b"b": "page-up", b"f": "follow", b"g": "first", b"G": "last",
    b"\r": "open", b"\n": "open", b"l": "open", b"h": "back", b"\x7f": "back", b"\x08": "back",
    b"p": "pause", b" ": "pause", b"?": "help", b"\x0c": "redraw", b"q": "quit", b"Q": "quit",
    b"\x02": "page-up", b"\x06": "page-down", b"n": "page-down",
}  # fmt: skip

_ONE = re.compile(rb"\x1b[\[O]([0-9;]*[A-Za-z~])|\x1b|[\x00-\x1a\x1c-\xff]", re.DOTALL)
PARTIAL = re.compile(rb"\x1b(?:[\[O][0-9;]*)?\Z")
"""The beginning of a key, or the Esc key itself: only time tells."""


def keys_of(data: bytes) -> Iterator[Key]:
    """The keys that a terminal sent; what is none of ours is passed over."""
    for found in _ONE.finditer(data):
        text = found.group()
        if found.group(1) is not None:
            key = _SEQUENCES.get(found.group(1))
        elif text == b"\x1b":
            key = "back"
        else:
            key = _LETTERS.get(text)
        if key is not None:
            yield key
