"""The values of string and bytes literals: prefixes, escapes, triple quotes.

After https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals.
"""

from __future__ import annotations

import re
import unicodedata

from aisbench.literals.bounds import LiteralError

OPENING = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_KNOWN = frozenset({"", "r", "u", "b", "br", "rb"})
_STOPS = {"'": re.compile(r"[\\'\n]"), '"': re.compile(r'[\\"\n]'),
          "'''": re.compile(r"\\|'''"), '"""': re.compile(r'\\|"""')}  # fmt: skip
_PLAIN = {"\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r",
          "t": "\t", "v": "\v", "\n": ""}  # fmt: skip
_OCTAL = re.compile(r"[0-7]{1,3}")
_HEX = {
    letter: re.compile(rf"[0-9a-fA-F]{{{count}}}")
    for letter, count in (("x", 2), ("u", 4), ("U", 8))
}
_NAMED = re.compile(r"\{([^}\n]{1,100})\}")


def read_string(text: str, opening: re.Match[str]) -> tuple[str | bytes, str, int]:
    """Value, kind ("u" or "") and end of the literal that begins with ``opening``.

    Raises LiteralError when it does not end, or has an escape that Python refuses.
    """
    prefix, quote = opening.group(1).lower(), opening.group(2)
    if prefix not in _KNOWN:
        if prefix.strip("rft") == "":
            raise LiteralError("a formatted string would have to be evaluated")
        raise LiteralError(f"a string cannot begin with {prefix}{quote}")
    raw, binary = "r" in prefix, "b" in prefix
    pieces: list[str] = []
    stop, start = _STOPS[quote], opening.end()
    while True:
        found = stop.search(text, start)
        if found is None or found.group() == "\n":
            raise LiteralError("a string does not end")
        pieces.append(text[start : found.start()])
        start = found.end()
        if found.group() == quote:
            break
        if start == len(text):
            raise LiteralError("a string does not end")
        if raw:
            piece, start = text[found.start() : start + 1], start + 1
        else:
            piece, start = _escape(text, start, binary=binary)
        pieces.append(piece)
    value = "".join(pieces)
    if not binary:
        return value, "u" if opening.group(1) == "u" else "", start
    if not text[opening.end() : start].isascii():
        raise LiteralError("bytes hold ASCII characters alone")
    return value.encode("latin-1"), "", start


def _escape(text: str, start: int, *, binary: bool) -> tuple[str, int]:
    """What stands for the escape whose backslash is before ``start``, and where it ends."""
    letter = text[start]
    if letter in _PLAIN:
        return _PLAIN[letter], start + 1
    if octal := _OCTAL.match(text, start):
        code = int(octal.group(), 8)
        return chr(code & 0xFF if binary else code), octal.end()
    if letter == "x" or (letter in "uU" and not binary):
        found = _HEX[letter].match(text, start + 1)
        if found is None or (code := int(found.group(), 16)) > 0x10FFFF:
            raise LiteralError(f"an escape \\{letter} is not whole")
        return chr(code), found.end()
    if letter == "N" and not binary:
        named = _NAMED.match(text, start + 1)
        try:
            one = unicodedata.lookup(named.group(1)) if named else ""
        except KeyError:
            one = ""
        if named is None or len(one) != 1:
            raise LiteralError("an escape \\N names no character")
        return one, named.end()
    return "\\" + letter, start + 1
