"""The references of a row: its answer, and its aliases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.data.cells import why_unusable
from aisbench.data.filling import fill_places, places_of
from aisbench.data.paths import DataPath, MissingPart, value_at
from aisbench.data.row import Row
from aisbench.declared.column import NamedColumn, is_blank
from aisbench.declared.column_keys import ColumnNames
from aisbench.types.json import JsonValue
from aisbench.types.sample import Sample


@define
class ReferenceReader:
    """Reads the references of rows."""

    columns: ColumnNames
    hint: str
    _answer: NamedColumn | None = field(init=False)
    _pattern: re.Pattern[str] | None = field(init=False)
    _known: dict[str, str] = field(init=False)
    _aliases: list[NamedColumn | str] = field(init=False)
    _optional: set[str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        columns = self.columns
        self._answer = NamedColumn(columns.answer) if columns.answer else None
        self._pattern = re.compile(columns.answer_pattern) if columns.answer_pattern else None
        self._known = {name.lower(): one for name, one in columns.answers.items()}
        aliases = columns.aliases
        several = (aliases,) if isinstance(aliases, str) else aliases
        self._optional = {one.removesuffix("?") for one in several if one.endswith("?")}
        self._aliases = [
            one if "{" in one else NamedColumn(one.removesuffix("?")) for one in several if one
        ]

    def answer(self, row: Row, fields: Mapping[str, Any]) -> JsonValue:
        """The reference in the column of the answer: None where the row has none, a list where
        it has several."""
        if self._answer is None:
            return None
        name = self.columns.answer
        value = fields[name] if name in fields else self._answer.get(fields)
        if type(value) is str:
            return self._read(row, value) if value.strip() else None
        if value is None:
            return None
        if why := why_unusable(value):
            raise DataError(f"{row.place}: {why}", hint=self.hint)
        if isinstance(value, list) and (self._known or self._pattern):
            return [self._read(row, one) for one in value]
        return self._read(row, value)

    def aliases(self, row: Row, fields: Mapping[str, Any]) -> list[str]:
        """Further references, without blank ones and doubles."""
        found: dict[str, None] = {}
        for alias in self._aliases:
            if isinstance(alias, str):
                found.update(dict.fromkeys(_filled(alias, row, fields)))
            elif alias.has(fields):
                value = alias.value(fields)
                if why := why_unusable(value):
                    raise DataError(f"{row.place}: {why}", hint=self.hint)
                found.update(dict.fromkeys(str(one).strip() for one in _flat(value)))
        return [one for one in found if one]

    def named(self) -> Iterator[tuple[str, NamedColumn]]:
        """The columns of references, with the keys that name them."""
        if self._answer is not None:
            yield "columns.answer", self._answer
        for alias in self._aliases:
            if isinstance(alias, str):
                for place in places_of(alias):
                    yield "columns.aliases", NamedColumn(place.text)
            elif alias.name not in self._optional:
                yield "columns.aliases", alias

    def _read(self, row: Row, value: Any) -> JsonValue:
        name = self.columns.answer
        if self._known:
            reference = (str(value).lower() if isinstance(value, bool) else str(value)).strip()
            if reference.lower() not in self._known:
                raise DataError(
                    f"{row.place}: {name!r} is {reference!r}, none of "
                    f"{', '.join(self.columns.answers)}",
                    hint=self.hint,
                )
            return self._known[reference.lower()]
        if self._pattern is not None:
            match = self._pattern.search(str(value))
            if match is None:
                raise DataError(
                    f"{row.place}: {name!r} does not hold an answer in the form "
                    f"{self.columns.answer_pattern}",
                    hint=self.hint,
                )
            return str(match[1 if self._pattern.groups else 0] or "").strip()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        return value.strip() if isinstance(value, str) else value


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _flat(one)
    elif not is_blank(value):
        yield value


def _filled(text: str, row: Row, fields: Mapping[str, Any]) -> Iterator[str]:
    """A text with places; where they go over all items of a list, one text for each item. A place
    that the row lacks gives none."""
    places = places_of(text)
    over = {one.text.partition("[*]")[0] for one in places if None in one.steps}
    if not over:
        if all(NamedColumn(one.text).has(fields) for one in places):
            yield fill_places(text, Sample(id=row.place, fields=fields), "columns.aliases").strip()
        return
    lists = [_items(one, fields) for one in places]
    count = max((len(one) for one in lists if one is not None), default=0)
    for number in range(count):
        filled = text
        sample = {
            f"p{at}": None if many is None or number >= len(many) else many[number]
            for at, many in enumerate(lists)
        }
        for at, place in enumerate(places):
            filled = filled.replace(f"{{{place.text}}}", f"{{p{at}}}")
        yield fill_places(filled, Sample(id=row.place, fields=sample), "columns.aliases").strip()


def _items(place: DataPath, fields: Mapping[str, Any]) -> Sequence[Any] | None:
    """What a place gives for each item of the list that it goes over."""
    try:
        found = value_at(place, fields)
    except MissingPart:
        return None
    return found if isinstance(found, list) else None
