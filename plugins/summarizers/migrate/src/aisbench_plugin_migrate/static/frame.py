"""The names of a file while it is read, and how much may be done for it."""

from __future__ import annotations

import ast

from attrs import define, field

from aisbench.api import DataError
from aisbench_plugin_migrate.static.values import SourcePlace, Unread, Value

STEPS = 400_000
"""Expressions and statements that are looked at for one suite."""
LARGEST = 200_000
"""Items or characters of one value."""
_QUOTED = 100


class TooMuch(DataError):
    """A file asks for more work than any config needs."""


class CannotRead(Exception):
    """An expression that only running the file would tell; becomes an Unread."""


@define
class Budget:
    """Work that is left, shared by all files of a suite."""

    steps: int = STEPS

    def spend(self, place: SourcePlace, steps: int = 1) -> None:
        """Raises TooMuch."""
        self.steps -= steps
        if self.steps < 0:
            raise TooMuch(f"{place}: reading this file takes more than {STEPS} steps")


@define
class Frame:
    """One file, or one scope in it."""

    file: str
    budget: Budget
    preset: str = ""
    names: dict[str, Value] = field(factory=dict)

    def place(self, node: ast.AST) -> SourcePlace:
        return SourcePlace(self.file, getattr(node, "lineno", 0))

    def inner(self) -> Frame:
        """The scope of a comprehension."""
        return Frame(self.file, self.budget, self.preset, dict(self.names))

    def unread(self, node: ast.AST, variable: str = "") -> Unread:
        try:
            source = " ".join(ast.unparse(node).split())
        except (ValueError, RecursionError):
            source = type(node).__name__
        short = source if len(source) <= _QUOTED else f"{source[: _QUOTED - 3]}..."
        return Unread(short, self.place(node), variable)


def limited(parts: list[str]) -> list[str]:
    """``parts`` of one text. Raises CannotRead where the text would be too long."""
    if sum(map(len, parts)) > LARGEST:
        raise CannotRead
    return parts


def bounded(value: Value) -> Value:
    """``value``. Raises CannotRead where it is too large to be a setting."""
    if isinstance(value, (str, list)) and len(value) > LARGEST:
        raise CannotRead
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        raise CannotRead
    return value
