"""What is wrong with a value of a suite, and the words that messages use for it."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterable

import attrs

from aisbench.base.errors import Problem

NO_KEY = "is not a key here"


class Problems(Exception):
    """Everything that is wrong with one value; paths are relative to it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems

    @classmethod
    def one(cls, message: str, hint: str = "") -> Problems:
        """A single problem with the value itself."""
        return cls([Problem(path=(), message=message, hint=hint)])

    def under(self, key: str | int) -> list[Problem]:
        """The same problems, with paths relative to the table or list that holds the value."""
        return [attrs.evolve(problem, path=(key, *problem.path)) for problem in self.problems]


def toml_type(value: object) -> str:
    """What a user would call the type of ``value``."""
    if isinstance(value, bool):
        return "true/false"
    names = {
        str: "a string",
        int: "an integer",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), type(value).__name__)


_USER = re.compile(r"//[^/\s@]+@")


def show(value: object) -> str:
    """``value`` with its type, short, without the name and password of a URL."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dict, list)):
        return toml_type(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return _USER.sub("//...@", f"{value!r}")[:80]


def show_items(value: object) -> str:
    """As :func:`show`, and of a list what is in it: for one whose type is right."""
    if isinstance(value, list):
        shown = f"[{', '.join(map(show, value))}]"
        return shown if len(shown) <= 80 else f"{shown[:79]}…"
    return show(value)


def nearest(name: str, names: Iterable[str]) -> str:
    """``did you mean 'x'?``, or "" where no name is near."""
    near = difflib.get_close_matches(name, list(names), 1, 0.6)
    return f"did you mean {near[0]!r}?" if near else ""
