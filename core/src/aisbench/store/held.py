"""Long texts of rows that stay in a file of the run, and are read when somebody looks at them.

Rows of long documents would fill the memory: their samples while a model is asked, and their
samples and prompts when the answers are scored, which need hardly any of it. What is short is at
hand. A file that is replaced meanwhile is still read as it was.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import attrs
import orjson
from attrs import define, field

from aisbench.base.errors import DamageError
from aisbench.types.json import JsonObject, JsonValue
from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample

LONG_ROW = 32 << 10
"""Bytes of a line from which on its long texts stay in the file."""

LONG_TEXT = 4 << 10
"""Characters of a field that is a long text."""


@define(eq=False)
class RowFile:
    """The rows of a file by their places. Open as long as somebody may look at one."""

    path: Path
    _fd: int = field(init=False)
    _last: tuple[int, Any] = field(init=False, default=(-1, None))
    """Where the row that was read last stands, and the row: often the next one, too."""

    def __attrs_post_init__(self) -> None:
        """Raises DamageError when it cannot be opened."""
        try:
            self._fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise DamageError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        weakref.finalize(self, os.close, self._fd)

    def line(self, at: int, length: int) -> bytes:
        """The bytes of a row. Raises DamageError."""
        try:
            line = os.pread(self._fd, length, at)
        except OSError as error:
            raise DamageError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        if len(line) < length:
            raise DamageError(f"{self.path}: was cut short while it was in use")
        return line

    def row(self, at: int, length: int) -> Any:
        """A row. Raises DamageError."""
        place, row = self._last
        if place != at:
            try:
                row = orjson.loads(self.line(at, length))
            except orjson.JSONDecodeError as error:
                raise DamageError(f"{self.path}: was changed while it was in use") from error
            self._last = (at, row)
        return row


class HeldFields(Mapping[str, JsonValue]):
    """The fields of a sample, of which the long ones are read from the run's file."""

    __slots__ = ("_at", "_far", "_file", "_length", "_near")

    def __init__(
        self, fields: JsonObject, far: frozenset[str], file: RowFile, at: int, length: int
    ) -> None:
        self._near = {name: None if name in far else value for name, value in fields.items()}
        self._far = far
        self._file = file
        self._at = at
        self._length = length

    @property
    def near(self) -> JsonObject:
        """Those that are at hand."""
        return {name: value for name, value in self._near.items() if name not in self._far}

    def __getitem__(self, name: str) -> JsonValue:
        if name in self._far:
            value: JsonValue = self._file.row(self._at, self._length)["fields"][name]
            return value
        return self._near[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._near)

    def __len__(self) -> int:
        return len(self._near)

    def __contains__(self, name: object) -> bool:
        return name in self._near

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


def at_hand(fields: JsonObject) -> JsonObject:
    """The fields without long texts that a file holds."""
    return fields.near if isinstance(fields, HeldFields) else fields


def held_sample(sample: Sample, file: RowFile, at: int, length: int) -> Sample:
    """The sample that the row there holds, without its long texts; as it is where the file has
    them otherwise, as JSON cannot hold every text."""
    far = frozenset(
        name
        for name, value in sample.fields.items()
        if isinstance(value, str) and len(value) >= LONG_TEXT
    )
    stored = file.row(at, length).get("fields", {})
    if not far or any(stored.get(name) != sample.fields[name] for name in far):
        return sample
    return attrs.evolve(sample, fields=HeldFields(sample.fields, far, file, at, length))


class HeldPrompts(Sequence[Prompt]):
    """The prompts of an answer, of which long ones are read from the journal."""

    __slots__ = ("_file", "_turns")

    def __init__(self, turns: Sequence[Prompt | tuple[int, int]], file: RowFile) -> None:
        """``turns`` are prompts, or where the row of one stands."""
        self._turns = tuple(turns)
        self._file = file

    @overload
    def __getitem__(self, place: int) -> Prompt: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Prompt, ...]: ...
    def __getitem__(self, place: int | slice) -> Prompt | tuple[Prompt, ...]:
        if isinstance(place, slice):
            return tuple(map(self._prompt, self._turns[place]))
        return self._prompt(self._turns[place])

    def __len__(self) -> int:
        return len(self._turns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def __reduce__(self) -> Any:
        return tuple, (tuple(self),)

    def _prompt(self, turn: Prompt | tuple[int, int]) -> Prompt:
        if isinstance(turn, Prompt):
            return turn
        from aisbench.store.rows import converter  # heavy, for those who never read a run

        return converter().structure(self._file.row(*turn)["prompt"], Prompt)
