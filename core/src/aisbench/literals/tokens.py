"""The words of a Python expression, read one by one, so that reading stops at the first that does
not fit. Each takes time in proportion to its length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from keyword import iskeyword
from typing import Literal

from attrs import frozen

from aisbench.literals.bounds import DIGITS, LENGTH, LiteralError, excerpt
from aisbench.literals.strings import OPENING, read_string

_BLANK = re.compile(r"[ \t\f\n]+")
_COMMENT = re.compile(r"#[^\n]*")
_NAME = re.compile(r"[^\W\d]\w*")
_SYMBOL = re.compile(r"\*\*|//|<<|>>|\.\.\.|[-+*/%@&|^~()\[\]{},:.=]")
_DIGITS = r"[0-9](?:_?[0-9])*"
_EXPONENT = rf"[eE][+-]?{_DIGITS}"
_WHOLE = re.compile(r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+")
_DECIMAL = re.compile(
    rf"(?:{_DIGITS}\.(?:{_DIGITS})?|\.{_DIGITS})(?:{_EXPONENT})?[jJ]?"
    rf"|{_DIGITS}{_EXPONENT}[jJ]?|{_DIGITS}[jJ]"
    rf"|[1-9](?:_?[0-9])*|0(?:_?0)*"
)
_CONSTANTS: dict[str, object] = {"True": True, "False": False, "None": None}
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_BEFORE_ANYTHING = _OPENING | _CLOSING | {",", "."}


@frozen
class Token:
    """One word. ``text`` is a symbol or a name; a constant has a ``value`` instead."""

    what: Literal["symbol", "name", "not", "constant", "end"]
    text: str = ""
    value: object = None
    kind: str = ""


END = Token("end")


def tokens(text: str) -> Iterator[Token]:
    """The words of ``text``, then END. Raises LiteralError for other characters."""
    if len(text) > LENGTH:
        raise LiteralError(f"longer than {LENGTH} characters")
    if "\0" in text:
        raise LiteralError("it holds a NUL character")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    place, brackets, ended = 0, 0, False
    while True:
        place, broken = _skip(text, place)
        if place == len(text):
            break
        ended = ended or (broken and not brackets)
        if ended:
            raise LiteralError("more than one line")
        token, place = _read(text, place)
        if token.what == "symbol":
            brackets += (token.text in _OPENING) - (token.text in _CLOSING)
        yield token
    yield END


def _skip(text: str, place: int) -> tuple[int, bool]:
    """Skip blanks, comments and continued lines. Also returns whether a line ended in them, which
    does not count before the first word."""
    broken, start = False, place
    while place < len(text):
        if found := _BLANK.match(text, place):
            broken = broken or "\n" in found.group()
        elif text.startswith("\\\n", place):
            place += 2
            continue
        else:
            found = _COMMENT.match(text, place)
            if found is None:
                break
        place = found.end()
    return place, broken and start > 0


def _read(text: str, place: int) -> tuple[Token, int]:
    if opening := OPENING.match(text, place):
        value, kind, end = read_string(text, opening)
        if isinstance(value, str):
            _encodable(text[place:end])
        return Token("constant", value=value, kind=kind), end
    first = text[place]
    if first.isdecimal() or (first == "." and text[place + 1 : place + 2].isdecimal()):
        return _number(text, place)
    if found := _NAME.match(text, place):
        return _word(found.group()), found.end()
    if found := _SYMBOL.match(text, place):
        symbol = found.group()
        # A single "=" names an argument; behind another sign it compares or assigns.
        if symbol not in _BEFORE_ANYTHING and text.startswith("=", found.end()):
            raise LiteralError(f"'{symbol}=' is not read")
        return Token("symbol", symbol), found.end()
    raise LiteralError(f"{excerpt(first)} is not read")


def _word(written: str) -> Token:
    # Python normalises names to their compatibility form.
    name = written if written.isascii() else unicodedata.normalize("NFKC", written)
    if name in _CONSTANTS:
        return Token("constant", value=_CONSTANTS[name])
    if name == "not":
        return Token("not", name)
    if iskeyword(name):
        raise LiteralError(f"{name!r} is not read")
    if not name.isidentifier():
        raise LiteralError(f"{excerpt(written)} is not a name")
    return Token("name", name)


def _number(text: str, place: int) -> tuple[Token, int]:
    value: int | float | complex
    if found := _WHOLE.match(text, place):
        if len(found.group()) > DIGITS:
            raise LiteralError(f"a number of more than {DIGITS} digits")
        value = int(found.group().replace("_", ""), 0)
    elif found := _DECIMAL.match(text, place):
        written = found.group().replace("_", "")
        if len(written) > DIGITS:
            raise LiteralError(f"a number of more than {DIGITS} digits")
        if written[-1] in "jJ":
            value = complex(written)
        else:
            value = float(written) if set(written) & set(".eE") else int(written)
    else:
        raise LiteralError(f"{excerpt(text[place : place + 20])} is not a number")
    if text[found.end() : found.end() + 1].isalnum() or text.startswith("_", found.end()):
        raise LiteralError(f"{excerpt(text[place : found.end() + 10])} is not a number")
    return Token("constant", value=value), found.end()


def _encodable(written: str) -> None:
    try:
        written.encode()
    except UnicodeEncodeError as error:
        raise LiteralError("a surrogate without its other half") from error
