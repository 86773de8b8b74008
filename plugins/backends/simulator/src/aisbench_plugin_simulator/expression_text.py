"""A text that a regular expression matches, by Python's own parse of it."""

from __future__ import annotations

import importlib
import re
import string
import sys
from collections.abc import Iterable
from random import Random
from typing import Any

# Where Python keeps the parser of its expressions, which has no public name.
_NEW = sys.version_info >= (3, 11)
codes: Any = importlib.import_module("re._constants" if _NEW else "sre_constants")
parser: Any = importlib.import_module("re._parser" if _NEW else "sre_parse")

_PRINTABLE = string.ascii_letters + string.digits + " .,;:!?-_"
_CATEGORIES = {
    codes.CATEGORY_DIGIT: string.digits,
    codes.CATEGORY_SPACE: " ",
    codes.CATEGORY_WORD: string.ascii_letters + string.digits + "_",
    codes.CATEGORY_NOT_DIGIT: string.ascii_letters + " -",
    codes.CATEGORY_NOT_SPACE: string.ascii_letters + string.digits,
    codes.CATEGORY_NOT_WORD: " -.,",
}
_TRIES = 50
_STRETCH = 3
"""Repetitions beyond the least, where any number is allowed."""


class NoText(Exception):
    """No text was found; the message says why."""


def matching_text(pattern: str, random: Random, longer: int = 0) -> str:
    """A text that ``pattern`` matches as a whole; of at least ``longer`` characters where its
    repetitions allow for it. Raises NoText."""
    try:
        tree = parser.parse(pattern)
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise NoText(f"{pattern!r} is not an expression that Python has: {error}") from None
    for attempt in range(_TRIES):
        text = _Walk(random, _STRETCH + attempt // 5, longer).text(tree)
        if compiled.fullmatch(text):
            return text
    raise NoText(f"no text was found that {pattern!r} matches")


class _Walk:
    def __init__(self, random: Random, stretch: int, longer: int) -> None:
        self._random = random
        self._stretch = stretch
        self._longer = longer
        self._groups: dict[int, str] = {}

    def text(self, items: Iterable[Any]) -> str:
        return "".join(self._one(code, value) for code, value in items)

    def _one(self, code: Any, value: Any) -> str:
        if code is codes.LITERAL:
            return chr(value)
        if code is codes.NOT_LITERAL:
            return self._random.choice(_PRINTABLE.replace(chr(value), ""))
        if code is codes.ANY:
            return self._random.choice(_PRINTABLE)
        if code is codes.IN:
            return self._of_set(value)
        if code is codes.BRANCH:
            return self.text(self._random.choice(value[1]))
        if code is codes.SUBPATTERN:
            text = self.text(value[-1])
            if value[0] is not None:
                self._groups[value[0]] = text
            return text
        if code is codes.GROUPREF:
            return self._groups.get(value, "")
        if code in _REPEATS:
            return self._repeated(*value)
        if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
            # What they ask for is seen when the whole text is matched.
            return ""
        if str(code) == "ATOMIC_GROUP":
            return self.text(value)
        raise NoText(f"{str(code).lower()} in an expression is not supported by the simulator")

    def _repeated(self, least: int, most: Any, items: Any) -> str:
        limit = least + self._stretch if most is codes.MAXREPEAT else int(most)
        count = self._random.randint(least, max(least, min(limit, least + self._stretch)))
        text = "".join(self.text(items) for _ in range(count))
        while len(text) < self._longer and (most is codes.MAXREPEAT or count < int(most)):
            more = self.text(items)
            if not more:
                break
            text += more
            count += 1
        return text

    def _of_set(self, items: list[tuple[Any, Any]]) -> str:
        negated = items[0][0] is codes.NEGATE
        if not negated:
            code, value = self._random.choice(items)
            if code is codes.RANGE:
                return chr(self._random.randint(*value))
            if code is codes.CATEGORY:
                return self._random.choice(_CATEGORIES.get(value, _PRINTABLE))
            return chr(value)
        allowed = [one for one in _PRINTABLE if not any(_holds(one, *item) for item in items[1:])]
        if not allowed:
            raise NoText("a set in an expression excludes all plain characters")
        return self._random.choice(allowed)


def _holds(character: str, code: Any, value: Any) -> bool:
    if code is codes.LITERAL:
        return bool(ord(character) == value)
    if code is codes.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    return character in _CATEGORIES.get(value, "")


_REPEATS = tuple(
    getattr(codes, name)
    for name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
    if hasattr(codes, name)
)
