"""From a row of a declared data set to a sample."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.data.cells import why_unusable
from aisbench.data.filling import fill_places
from aisbench.data.tables import Row
from aisbench.declared.declaration import Cleaning, Declaration
from aisbench.types.json import JsonValue
from aisbench.types.sample import Sample

Fields = dict[str, JsonValue]


@define
class RowReader:
    """Makes samples of the rows of one split."""

    declaration: Declaration
    split: str
    hint: str
    """What to do about a file that is not as published."""
    _cleaning: list[tuple[Cleaning, re.Pattern[str]]] = field(init=False)
    _pattern: re.Pattern[str] | None = field(init=False)
    _seen: dict[str, str] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._cleaning = [(one, re.compile(one.pattern)) for one in self.declaration.clean]
        pattern = self.declaration.columns.answer_pattern
        self._pattern = re.compile(pattern) if pattern else None

    def sample(self, row: Row, number: int, part: str) -> Sample:
        """The ``number``-th row, from 0, of the file of ``part``. Raises DataError."""
        columns = self.declaration.columns
        fields: Fields = dict(row.cells)
        self._clean(fields, row.cells)
        if columns.part:
            part = str(_cell(row, columns.part, self.hint))
        if part:
            fields["part"] = part
            fields["title"] = self.declaration.titles.get(part, part.replace("_", " "))
        target = self._target(row)
        if columns.choices or columns.options:
            target = self._choices(row, fields, target)
        if target is not None:
            fields["target"] = target[0] if isinstance(target, list) and target else target
        name = self._name(row, number, part)
        for key, text in self.declaration.fields.items():
            fields[key] = fill_places(text, Sample(id=name, fields=fields))
            self._clean(fields, (key,))
        return Sample(id=name, fields=fields, target=target, part=part, place=row.place)

    def _name(self, row: Row, number: int, part: str) -> str:
        column = self.declaration.columns.id
        own = str(_cell(row, column, self.hint)) if column else str(number)
        name = f"{part}/{self.split}-{own}" if part else f"{self.split}-{own}"
        if name in self._seen:
            raise DataError(
                f"{row.place}: the id {own!r} is that of {self._seen[name]} already",
                hint=self.hint,
            )
        self._seen[name] = row.place
        return name

    def _clean(self, fields: Fields, names: Collection[str]) -> None:
        """Apply [[clean]] to those of ``names`` that it lists."""
        for one, pattern in self._cleaning:
            for name in one.fields:
                value = fields[name] if name in names else None
                if isinstance(value, str):
                    fields[name] = _changed(one, pattern, value)
                elif isinstance(value, list):
                    fields[name] = [
                        _changed(one, pattern, item) if isinstance(item, str) else item
                        for item in value
                    ]

    def _target(self, row: Row) -> JsonValue:
        columns = self.declaration.columns
        value: Any = None
        if columns.answer in row.cells and columns.answer:
            value = _cell(row, columns.answer, self.hint)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if columns.answers:
            reference = str(value).strip()
            known = {name.lower(): target for name, target in columns.answers.items()}
            if reference.lower() not in known:
                raise DataError(
                    f"{row.place}: {columns.answer!r} is {reference!r}, none of "
                    f"{', '.join(columns.answers)}",
                    hint=self.hint,
                )
            return known[reference.lower()]
        if self._pattern is not None:
            match = self._pattern.search(str(value))
            if match is None:
                raise DataError(
                    f"{row.place}: {columns.answer!r} does not hold an answer in the form "
                    f"{columns.answer_pattern}",
                    hint=self.hint,
                )
            return match.group(1).strip()
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        return value.strip() if isinstance(value, str) else value

    def _choices(self, row: Row, fields: Fields, reference: JsonValue) -> JsonValue:
        """Add the options in the forms that prompts need. Returns the letter of the right one."""
        choices = self._options(row, fields)
        # A blank at an end matters where the option itself is scored, not in a list of them.
        fields["choices"] = list(choices)
        options = [one.strip() for one in choices]
        letters = ascii_uppercase[: len(options)]
        pairs = list(zip(letters, options, strict=True))
        fields["options"] = "\n".join(f"{letter}. {option}" for letter, option in pairs)
        fields["letters"] = ", ".join(letters)
        if reference is None:
            return None
        place = _place(str(reference), self.declaration.columns.answer_is, options)
        if place is None:
            what = {"text": "text", "letter": "letter"}.get(
                self.declaration.columns.answer_is, "number"
            )
            header = list(row.cells.values()) == list(row.cells)
            raise DataError(
                f"{row.place}: the answer {reference!r} is the {what} of none of the "
                f"{len(options)} options",
                hint="this line seems to name the columns, and the published file has no such line"
                if header or str(reference).lower() in ("answer", "label")
                else self.hint,
            )
        fields["target_text"] = choices[place]
        return letters[place]

    def _options(self, row: Row, fields: Mapping[str, JsonValue]) -> list[str]:
        named = self.declaration.columns.choices
        if self.declaration.columns.options:
            return list(self.declaration.columns.options)
        if isinstance(named, str):
            _cell(row, named, self.hint)
            cells: Any = fields[named]
        else:
            for name in named:
                _cell(row, name, self.hint)
            cells = [fields[name] for name in named]
        if not isinstance(cells, Sequence) or isinstance(cells, str):
            raise DataError(f"{row.place}: {named!r} is not a list of options", hint=self.hint)
        options = [str(one) for one in cells]
        if len(options) < 2 or len(options) > len(ascii_uppercase):
            raise DataError(f"{row.place}: {len(options)} options", hint=self.hint)
        return options


def _changed(one: Cleaning, pattern: re.Pattern[str], text: str) -> str:
    if one.pattern:
        text = pattern.sub(one.replacement, text)
    if one.strip:
        text = text.strip()
    return text.capitalize() if one.capitalize else text


def _place(reference: str, kind: str, options: Sequence[str]) -> int | None:
    if kind == "text":
        return options.index(reference) if options.count(reference) == 1 else None
    if kind == "letter":
        place = ascii_uppercase.find(reference.upper()) if len(reference) == 1 else -1
    else:
        place = int(reference) if reference.isascii() and reference.isdigit() else -1
        place -= kind == "index1"
    return place if 0 <= place < len(options) else None


def _cell(row: Row, name: str, hint: str) -> Any:
    if name not in row.cells:
        raise DataError(
            f"{row.place}: no column {name!r} (columns: {', '.join(map(str, row.cells))})",
            hint=hint,
        )
    cell = row.cells[name]
    if why := why_unusable(cell):
        raise DataError(f"{row.place}: {why}", hint=hint)
    return cell
