"""What an expression of a config file is found to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field, frozen

Value = Any
"""None, bool, int, float, str, a list, or one of the classes here."""


@frozen
class SourcePlace:
    """Where something stands."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@frozen
class Unread:
    """What cannot be known without running the file."""

    source: str
    """The expression as it is written, shortened."""
    place: SourcePlace
    variable: str = ""
    """The environment variable that it asks for, if that is what it is."""

    def __str__(self) -> str:
        return self.source


@frozen
class Imported:
    """A class, function or module of another package: only its name is known."""

    dotted: str

    @property
    def last(self) -> str:
        return self.dotted.rpartition(".")[2]

    def __str__(self) -> str:
        return self.last


@define(eq=False)
class Node:
    """A dictionary, with the places of its keys. Shared where Python would share it."""

    entries: dict[Any, Value] = field(factory=dict)
    places: dict[Any, SourcePlace] = field(factory=dict)
    place: SourcePlace = SourcePlace("", 0)
    preset: str = ""
    """The stem of the config file that holds it; empty: it stands in the file that was given."""
    partial: bool = False
    """That file is not here: only what is known of the preset is in it."""

    def put(self, key: Any, value: Value, place: SourcePlace) -> None:
        self.entries[key] = value
        self.places[key] = place

    def where(self, key: Any) -> SourcePlace:
        return self.places.get(key, self.place)

    def items(self) -> Iterator[tuple[Any, Value]]:
        return iter(self.entries.items())

    def copied(self) -> Node:
        return Node(dict(self.entries), dict(self.places), self.place, self.preset, self.partial)


_DEEPEST = 40
"""Tables within tables; what is deeper holds itself."""


def plain(value: Value, depth: int = 0) -> Any:
    """``value`` with dictionaries and strings in place of nodes and names."""
    if depth > _DEEPEST:
        return "..."
    if isinstance(value, Node):
        return {str(key): plain(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one, depth + 1) for one in value]
    return str(value) if isinstance(value, (Imported, Unread)) else value


def readable(value: Value, depth: int = 0) -> bool:
    """Whether all of it is known."""
    if depth > _DEEPEST:
        return False
    if isinstance(value, Node):
        return all(readable(one, depth + 1) for one in value.entries.values())
    if isinstance(value, list):
        return all(readable(one, depth + 1) for one in value)
    return not isinstance(value, Unread)
