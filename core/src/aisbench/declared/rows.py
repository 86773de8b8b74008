"""From a row of a declared data set to its samples."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import attrs
from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.data.filling import fill_places
from aisbench.data.row import Row
from aisbench.declared.column import NamedColumn, as_text, columns_of, is_blank
from aisbench.declared.column_keys import Cleaning, FieldTable
from aisbench.declared.declaration import Declaration
from aisbench.declared.options import Fields, OptionOrder, OptionReader
from aisbench.declared.pictures import MediaField
from aisbench.declared.references import ReferenceReader
from aisbench.declared.texts import PartText
from aisbench.types.json import JsonValue
from aisbench.types.sample import Sample


@define
class _Draft:
    """A sample that is being made of a row."""

    row: Row
    name: str
    part: str
    fields: Fields
    generation: Fields
    question_id: str = ""


@define(kw_only=True)
class RowReader:
    """Makes samples of the rows of one split; ``declaration`` is as it is for that split."""

    declaration: Declaration
    split: str
    folder: Path
    hint: str
    """What to do about a file that is not as published."""
    order: OptionOrder
    own_generation: bool = True
    _cleaning: list[tuple[Cleaning, re.Pattern[str], list[NamedColumn]]] = field(init=False)
    _made: list[tuple[str, str | FieldTable]] = field(init=False)
    _options: OptionReader | None = field(init=False)
    _references: ReferenceReader = field(init=False)
    _texts: dict[str, PartText] = field(init=False)
    _generation: dict[str, PartText] = field(init=False)
    _media: list[MediaField] = field(init=False)
    _part: NamedColumn | None = field(init=False)
    _titles: Mapping[str, str] = field(init=False)
    _seen: dict[str, str] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        declared = self.declaration
        columns = declared.columns
        self._cleaning = [
            (one, re.compile(one.pattern), [NamedColumn(name) for name in one.fields])
            for one in declared.clean
        ]
        self._titles = declared.title_of
        self._made = list(declared.fields.items())
        self._references = ReferenceReader(columns, self.hint)
        optional = columns.choices or columns.options
        self._options = OptionReader(columns, declared.choices, self.hint) if optional else None
        self._texts = self._part_texts("texts")
        self._generation = self._part_texts("generation") if self.own_generation else {}
        self._media = [
            MediaField(name, table, self.folder, self.split, self.hint)
            for name, table in declared.media.items()
        ]
        self._part = NamedColumn(columns.part) if columns.part else None

    def _part_texts(self, section: str) -> dict[str, PartText]:
        return {
            name: PartText(table, f"{section}.{name}", self.folder, self.split, self.hint)
            for name, table in getattr(self.declaration, section).items()
        }

    def files(self, part: str) -> Iterator[Path]:
        """The files of texts that a part needs."""
        for one in (*self._texts.values(), *self._generation.values()):
            if (file := one.file(part)) is not None:
                yield file

    def samples(self, row: Row, number: int, part: str) -> list[Sample]:
        """The samples of a row, which is the ``number``-th, from 0, of ``part``: one, or one for
        each order of its options. Raises DataError."""
        fields: Fields = dict(row.cells)
        self._clean(fields)
        if self._part is not None:
            part = self._named(self._part, row, "columns.part")
        if part:
            fields["part"] = part
            fields["title"] = self._titles.get(part, part.replace("_", " "))
        name = self._name(row, number, part)
        target = self._references.answer(row, fields)
        for key, text in self._texts.items():
            fields[key] = text.value(row, fields, part)
        for one in self._media:
            fields[one.name] = one.value(row, fields, part)
        draft = _Draft(row, name, part, fields, {})
        if self._generation:
            draft.generation = {
                key: one.value(row, fields, part) for key, one in self._generation.items()
            }
        if self._options is None:
            return [self._finished(draft, self._with_aliases(row, fields, target))]
        return self._in_orders(draft, target, self._options)

    def _in_orders(self, draft: _Draft, given: JsonValue, reader: OptionReader) -> list[Sample]:
        """The row with its options in each order."""
        row, fields = draft.row, draft.fields
        options = reader.options(row, fields)
        if self.declaration.choices.optional:
            fields["has_options"] = bool(options)
        if not options:
            fields |= {"choices": [], "options": "", "letters": ""}
            return [self._finished(draft, self._with_aliases(row, fields, given))]
        labels = reader.labels(row, fields, len(options))
        several = given if isinstance(given, (list, tuple)) else [given]
        known = given is not None or self.declaration.columns.right is not None
        right = reader.right(row, several, options, labels) if known else []
        if not (self.order.shuffle or self.order.permute > 1):
            reader.show(fields, options, labels)
            return [self._finished(draft, _letters(fields, options, right))]
        made = []
        for number, order in enumerate(self.order.orders(len(options), draft.name)):
            own: Fields = {**fields, "option_order": list(order)}
            name = draft.name
            if self.order.permute > 1:
                own["permutation"] = number
                name += f"~{number}"
            shown = [options[place] for place in order]
            reader.show(own, shown, labels and [labels[place] for place in order])
            target = _letters(own, shown, sorted(order.index(place) for place in right))
            made.append(
                self._finished(
                    attrs.evolve(
                        draft,
                        name=name,
                        fields=own,
                        question_id=draft.name if name != draft.name else "",
                    ),
                    target,
                )
            )
        return made

    def _with_aliases(self, row: Row, fields: Fields, target: JsonValue) -> JsonValue:
        """The references, of which any is right."""
        if not self.declaration.columns.aliases:
            return target
        first = target if isinstance(target, (list, tuple)) else [target]
        found = [str(one) for one in first if not is_blank(one)]
        found += [one for one in self._references.aliases(row, fields) if one not in found]
        return (found if len(found) > 1 else found[0]) if found else None

    def _finished(self, draft: _Draft, target: JsonValue) -> Sample:
        """The sample, with the fields that are made of others."""
        fields = draft.fields
        if target is not None:
            fields["target"] = target[0] if isinstance(target, list) and target else target
        sample = Sample(
            id=draft.name,
            fields=fields,
            target=target,
            part=draft.part,
            generation=draft.generation,
            place=draft.row.place,
            question_id=draft.question_id,
        )
        for key, made in self._made:
            fields[key] = self._field(key, made, sample, draft.row)
            if self._cleaning:
                self._clean(fields, (key,))
        if not self.declaration.columns.question:
            return sample
        return attrs.evolve(sample, question_id=self._question(draft))

    def _question(self, draft: _Draft) -> str:
        """The name of what a row asks, where several rows ask it."""
        named = NamedColumn(self.declaration.columns.question)
        value = named.required(draft.row, self.hint, draft.fields)
        if is_blank(value) or isinstance(value, (list, dict)):
            raise DataError(
                f"{draft.row.place}: columns.question: {named.name!r} is {value!r:.60}, and no "
                "name",
                hint=self.hint,
            )
        own = f"{self.split}-{value}"
        return f"{draft.part}/{own}" if draft.part else own

    def _field(self, key: str, made: str | FieldTable, sample: Sample, row: Row) -> JsonValue:
        if isinstance(made, str):
            return fill_places(made, sample, f"fields.{key}")
        column = NamedColumn(made.of)
        value: Any = (
            fill_places(made.of, sample, f"fields.{key}.of")
            if "{" in made.of
            else column.required(row, self.hint, sample.fields)
        )
        if made.texts:
            return _by_value(made.texts, as_text(value), sample, f"{row.place}: fields.{key}")
        if made.pattern:
            match = re.search(made.pattern, str(value))
            if match is None:
                raise DataError(
                    f"{row.place}: fields.{key}: {made.pattern!r} finds nothing in {value!r:.80}",
                    hint=self.hint,
                )
            return match[1 if match.re.groups else 0] or ""
        if isinstance(value, (list, tuple)):
            return made.join.join(
                _line(made.line or "{item}", item, number, sample, f"fields.{key}.line")
                for number, item in enumerate(value, 1)
            )
        if made.line:
            raise DataError(f"{row.place}: fields.{key}: {made.of!r} is no list", hint=self.hint)
        return value  # type: ignore[no-any-return]

    def _name(self, row: Row, number: int, part: str) -> str:
        column = self.declaration.columns.id
        if "{" in column:
            own = fill_places(column, Sample(id=row.place, fields=row.cells), "columns.id")
        elif column:
            own = self._named(NamedColumn(column), row, "columns.id")
        else:
            own = str(number)
        name = f"{part}/{self.split}-{own}" if part else f"{self.split}-{own}"
        if name in self._seen:
            raise DataError(
                f"{row.place}: the id {own!r} is that of {self._seen[name]} already",
                hint=self.hint,
            )
        self._seen[name] = row.place
        return name

    def _named(self, column: NamedColumn, row: Row, key: str) -> str:
        """A name that a row has for itself or its part."""
        value = column.required(row, self.hint)
        if is_blank(value) or isinstance(value, (list, dict)):
            raise DataError(
                f"{row.place}: {key}: {column.name!r} is {value!r:.60}, and no name",
                hint=self.hint,
            )
        return str(value)

    def _clean(self, fields: Fields, names: Collection[str] | None = None) -> None:
        """Apply [[clean]] to all columns, or to those of ``names`` that it lists."""
        for one, pattern, columns in self._cleaning:
            for column in columns:
                if names is None or column.name in names:
                    column.changed(fields, partial(_cleaned, one, pattern))

    def _absent_reference(self, key: str) -> str:
        own = (
            f"correct {key}; a split without references is listed as unanswered: "
            f'unanswered = ["{self.split}"]'
        )
        published = bool(self.declaration.source)
        return f"{self.hint}; in a declaration of your own, {own}" if published else own

    def check_columns(self, rows: Sequence[Row]) -> None:
        """Raises DataError for a column of references, or of [[clean]], that no row has."""
        declared = self.declaration
        if not rows or (declared.submission or self.split in declared.unanswered):
            return
        for key, column in self._references.named():
            if not any(column.has(row.cells) for row in rows):
                raise DataError(
                    f"{rows[0].place}: {key}: no row has {column.name!r} "
                    f"(columns: {columns_of(rows[0])})",
                    hint=self._absent_reference(key),
                )
        made = {*declared.fields, *declared.texts}
        for number, (_, _, cleaned) in enumerate(self._cleaning):
            for one in cleaned:
                if one.name in made or any(one.has(row.cells) for row in rows):
                    continue
                raise DataError(
                    f"{rows[0].place}: clean[{number}].fields: no row has {one.name!r}, and "
                    "[fields] makes none of that name",
                    hint="correct the name, or leave it out",
                )


def _letters(fields: Fields, shown: Sequence[str], right: Sequence[int]) -> JsonValue:
    """The letter of the right option, the letters of several; None where it is not known."""
    if not right:
        return None
    fields["target_text"] = shown[right[0]]
    letters = [ascii_uppercase[place] for place in right]
    return letters[0] if len(letters) == 1 else letters


def _by_value(texts: Mapping[str, str], value: str, sample: Sample, where: str) -> str:
    """The text for what a column says. Raises DataError where there is none for it."""
    text = texts.get(value, texts.get("*"))
    if text is None:
        raise DataError(
            f"{where}: no text for {value!r:.60} (there are: {', '.join(texts)})",
            hint='add one, or "*" for whatever is not named',
        )
    return fill_places(text, sample, where)


def _line(line: str, item: Any, number: int, sample: Sample, whose: str) -> str:
    letter = ascii_uppercase[number - 1 : number]
    fields: Mapping[str, JsonValue] = {
        "letter": letter,
        **sample.fields,
        "item": item,
        "number": number,
    }
    return fill_places(line, Sample(id=sample.id, fields=fields), whose)


def _cleaned(one: Cleaning, pattern: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return _changed(one, pattern, value)
    if isinstance(value, list):
        return [_changed(one, pattern, item) if isinstance(item, str) else item for item in value]
    return value


def _changed(one: Cleaning, pattern: re.Pattern[str], text: str) -> str:
    if one.pattern:
        text = pattern.sub(one.replacement, text)
    if one.strip:
        text = text.strip()
    return text.capitalize() if one.capitalize else text
