"""Reading foreign JSON, within bounds."""

from __future__ import annotations

import json
import re
from typing import Any

from aisbench.literals.bounds import DEPTH, JSON_LENGTH, LiteralError

_QUOTE_OR_BRACKET = re.compile(r'["\[\]{}]')
_STRING_END = re.compile(r'[\\"]')
_BLANKS = re.compile(r"\s*")


def read_json(text: str) -> Any:
    """The value of a JSON text. Raises LiteralError for other texts, for numbers of more than
    4300 digits, and for values nested too deep for code that walks through them."""
    _within_bounds(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LiteralError(str(error)) from error


def read_json_values(text: str, between: str) -> list[Any]:
    """The values of JSON texts that follow each other, with ``between`` or nothing between them.
    Raises LiteralError where anything else follows."""
    _within_bounds(text)
    decoder, found = json.JSONDecoder(), []
    place = _over_blanks(text, 0)
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            raise LiteralError(str(error)) from error
        found.append(value)
        place = _over_blanks(text, place)
        if text.startswith(between, place):
            place = _over_blanks(text, place + len(between))
    return found


def _over_blanks(text: str, place: int) -> int:
    found = _BLANKS.match(text, place)
    return found.end() if found else place


def _within_bounds(text: str) -> None:
    if len(text) > JSON_LENGTH:
        raise LiteralError(f"longer than {JSON_LENGTH} characters")
    if _deeper(text):
        raise LiteralError(f"nested deeper than {DEPTH}")


def _deeper(text: str) -> bool:
    # Without so many brackets nothing is nested so deep; hardly any text has more.
    if text.count("[") + text.count("{") <= DEPTH:
        return False
    depth, place = 0, 0
    while found := _QUOTE_OR_BRACKET.search(text, place):
        place = found.end()
        if found.group() == '"':
            place = _after_string(text, place)
        elif found.group() in "[{":
            depth += 1
            if depth > DEPTH:
                return True
        else:
            depth -= 1
    return False


def _after_string(text: str, place: int) -> int:
    while found := _STRING_END.search(text, place):
        if found.group() == '"':
            return found.end()
        place = found.end() + 1
    return len(text)
