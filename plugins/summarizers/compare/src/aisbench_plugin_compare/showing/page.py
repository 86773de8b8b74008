"""The parts that a report is made of, before it is text for a terminal or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from attrs import field, frozen


@frozen
class Heading:
    """A title; level 1 is the highest."""

    text: str
    level: int = 2


@frozen
class Lines:
    """Sentences, each on a line of its own."""

    lines: Sequence[str]


@frozen
class Grid:
    """A table. ``right`` are the columns that are flush right."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()


@frozen
class Quote:
    """Text that a model, a server or a user wrote, as it is."""

    title: str
    text: str


@frozen
class Fold:
    """What is shown on demand where the form allows it."""

    title: str
    blocks: Sequence[Block] = field(factory=tuple)


Block: TypeAlias = "Heading | Lines | Grid | Quote | Fold"
