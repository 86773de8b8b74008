"""The options of a row: which of them is right, and in which order they are shown."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.cells import why_unusable
from aisbench.data.filling import fill_places
from aisbench.data.row import Row
from aisbench.declared.column import NamedColumn, as_text, is_blank
from aisbench.declared.column_keys import ChoiceTable, ColumnNames
from aisbench.types.json import JsonValue
from aisbench.types.sample import Sample

Fields = dict[str, JsonValue]

PLAIN = "{letter}. {text}"
LETTERS = {count: ", ".join(ascii_uppercase[:count]) for count in range(2, 27)}
"""The letters of so many options, in words."""


@frozen(kw_only=True)
class OptionOrder:
    """How options are ordered: drawn for each row with ``shuffle``, and in ``permute`` orders."""

    shuffle: bool
    permute: int
    seed: int

    def orders(self, count: int, name: str) -> list[tuple[int, ...]]:
        """The orders in which the row ``name`` is asked: places in the file, as shown. Each of
        the first ones has every option at another place; those beyond are drawn."""
        first = list(range(count))
        chance = random.Random(f"{self.seed}/{name}")
        if self.shuffle:
            chance.shuffle(first)
        wanted = min(self.permute, math.factorial(min(count, 20)))
        found = [tuple(first[at:] + first[:at]) for at in range(min(wanted, count))]
        while len(found) < wanted:
            chance.shuffle(first)
            if tuple(first) not in found:
                found.append(tuple(first))
        return found


@frozen
class OptionReader:
    """Reads the options of rows."""

    columns: ColumnNames
    table: ChoiceTable
    hint: str

    def options(self, row: Row, fields: Mapping[str, Any]) -> list[str]:
        """The options as the file has them, without blank ones at the end; none where the row may
        have none."""
        if self.columns.options:
            return list(self.columns.options)
        found = self._cells(row, fields)
        while found and is_blank(found[-1]):
            found.pop()
        if not found and self.table.optional:
            return []
        if len(found) < 2 or len(found) > len(ascii_uppercase):
            raise DataError(f"{row.place}: {len(found)} options", hint=self.hint)
        if None in found:
            place = found.index(None) + 1
            raise DataError(f"{row.place}: option {place} of {len(found)} is null", hint=self.hint)
        return [one if type(one) is str else self._text(row, one) for one in found]

    def _cells(self, row: Row, fields: Mapping[str, Any]) -> list[Any]:
        """What the row has in the places of its options."""
        named = self.columns.choices
        if not isinstance(named, str):
            try:
                return [fields[name] for name in named]
            except KeyError:  # paths, or rows with fewer options
                return self._of_columns(row, fields, named)
        cells = NamedColumn(named).required(row, self.hint, fields)
        if cells is None and self.table.optional:
            return []
        if isinstance(cells, Mapping):
            return list(cells)
        if not isinstance(cells, Sequence) or isinstance(cells, str):
            raise DataError(f"{row.place}: {named!r} is not a list of options", hint=self.hint)
        return list(cells)

    def _text(self, row: Row, option: Any) -> str:
        if why := why_unusable(option):
            raise DataError(f"{row.place}: {why}", hint=self.hint)
        return str(option)

    def _of_columns(self, row: Row, fields: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
        """The cell of each option. Rows with fewer options may lack the last columns."""
        found: list[Any] = []
        for name in names:
            if name in fields:
                found.append(fields[name])
                continue
            column = NamedColumn(name)
            if len(found) >= 2 and not column.has(fields):
                found.append(None)
            else:
                found.append(column.required(row, self.hint, fields))
        return found

    def labels(self, row: Row, fields: Mapping[str, Any], count: int) -> list[str] | None:
        """The file's own labels of the options."""
        named = self.columns.labels
        if not named:
            return None
        if isinstance(named, str):
            found = NamedColumn(named).required(row, self.hint, fields)
            if not isinstance(found, list):
                raise DataError(f"{row.place}: {named!r} is not a list of labels", hint=self.hint)
        else:
            found = list(named)
        if len(found) < count:
            raise DataError(
                f"{row.place}: {len(found)} labels for {count} options", hint=self.hint
            )
        return [as_text(one) for one in found[:count]]

    def right(
        self, row: Row, references: Sequence[Any], options: Sequence[str], labels: list[str] | None
    ) -> list[int]:
        """The places of the right options. Raises DataError for a reference that is none."""
        if self.columns.right is not None:
            references = [str(self.columns.right)]
        kind = "index" if self.columns.right is not None else self.columns.answer_is
        if kind == "letters":
            references, kind = _single(references), "letter"
        if kind == "flags":
            return self._flagged(row, references, options)
        found: list[int] = []
        for reference in references:
            text = reference if type(reference) is str else as_text(reference)
            place = _place(text.strip(), kind, options, labels or [])
            if place is None:
                raise self._none_of(row, reference, options, labels)
            if place in found and kind in ("index", "index1"):
                raise self._twice(row, references, place, len(options))
            if place not in found:
                found.append(place)
        return found if len(found) < 2 else sorted(found)

    def _twice(self, row: Row, references: Sequence[Any], place: int, count: int) -> DataError:
        flags = 'a 0 or 1 for each option is answer_is = "flags"'
        return DataError(
            f"{row.place}: the answer names option {place + 1} of {count} twice: "
            f"{list(references)!r:.60}",
            hint=flags if len(references) == count else self.hint,
        )

    def _flagged(self, row: Row, references: Sequence[Any], options: Sequence[str]) -> list[int]:
        """The places of the options that have a 1."""
        flags = references
        if len(references) == 1 and isinstance(references[0], Mapping):
            flags = [references[0].get(option) for option in options]
        texts = [as_text(one).strip() for one in flags]
        right = [place for place, text in enumerate(texts) if text in ("1", "true")]
        known = all(text in ("0", "1", "false", "true") for text in texts)
        if len(texts) != len(options) or not known or not right:
            raise DataError(
                f"{row.place}: the answer {list(references)!r:.60} is no list of 0 and 1, one for "
                f"each of the {len(options)} options, one or more of them 1",
                hint=self.hint,
            )
        return right

    def show(self, fields: Fields, shown: list[str], labels: list[str] | None) -> None:
        """Add the options in the forms that prompts need; ``labels`` are the file's, in the same
        order."""
        # A blank at an end matters where the option itself is scored, not in a list of them.
        fields["choices"] = shown
        if labels:
            fields["labels"] = labels
        if self.table.line == PLAIN:
            pairs = zip(ascii_uppercase, shown)  # noqa: B905 - as many letters as there are options
            lines = [f"{letter}. {text.strip()}" for letter, text in pairs]
        else:
            own = labels or ascii_uppercase[: len(shown)]
            lines = [
                self._line(letter, text.strip(), label)
                for letter, text, label in zip(ascii_uppercase, shown, own)  # noqa: B905
            ]
        fields["options"] = self.table.join.join(lines)
        fields["letters"] = LETTERS[len(shown)]

    def _line(self, letter: str, text: str, label: str) -> str:
        cells = {"letter": letter, "text": text, "label": label}
        return fill_places(
            self.table.line, Sample(id=f"option {letter}", fields=cells), "choices.line"
        )

    def _none_of(
        self, row: Row, reference: Any, options: Sequence[str], labels: list[str] | None
    ) -> DataError:
        kind = "index" if self.columns.right is not None else self.columns.answer_is
        what = {
            "text": "text", "letter": "letter", "letters": "letter", "label": "label",
        }.get(kind, "number")  # fmt: skip
        among = f" ({', '.join(labels)})" if kind == "label" and labels else ""
        header = list(row.cells.values()) == list(row.cells)
        stripped = [one.strip() for one in options]
        twice = kind == "text" and stripped.count(as_text(reference).strip()) > 1
        hint = self.hint
        if header or str(reference).lower() in ("answer", "label"):
            hint = "this line seems to name the columns, and the published file has no such line"
        elif twice:
            hint = "several options have this text; the reference must be a letter or a place"
        return DataError(
            f"{row.place}: the answer {as_text(reference)!r} is the {what} of "
            f"{'several' if twice else 'none'} of the {len(options)} options{among}",
            hint=hint,
        )


def _single(references: Sequence[Any]) -> list[str]:
    """Each letter of references such as "AD" and "A, D"."""
    return [letter for one in references for letter in re.findall(r"[^\s,;、，/|]", str(one))]


def _place(reference: str, kind: str, options: Sequence[str], labels: Sequence[str]) -> int | None:
    if kind == "text":
        stripped = [one.strip() for one in options]
        return stripped.index(reference) if stripped.count(reference) == 1 else None
    if kind == "label":
        return labels.index(reference) if reference in labels else None
    if kind == "letter":
        place = ascii_uppercase.find(reference.upper()) if len(reference) == 1 else -1
    else:
        place = int(reference) if reference.isascii() and reference.isdigit() else -1
        place -= kind == "index1"
    return place if 0 <= place < len(options) else None
