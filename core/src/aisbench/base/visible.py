"""Text of servers and files in a form in which it cannot control the terminal."""

from __future__ import annotations

import re
import sys

_HIDDEN = re.compile(
    # All controls except tab and line feed; marks that change the direction of writing; line
    # separators that only some programs know; lone surrogates, which no encoding has.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def visible(text: str) -> str:
    """``text`` with control characters, bidi marks and surrogates escaped as Python writes them.

    Letters of all scripts, tabs and line feeds stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: _escaped(found.group()), text)


def tell(text: str, *, error: bool = False) -> None:
    """Print a line in a form in which it cannot control the terminal."""
    print(visible(text), file=sys.stderr if error else sys.stdout)


def _escaped(character: str) -> str:
    code = ord(character)
    if character == "\r":
        return "\\r"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
