"""What a row becomes: a question, a choice among options, or a whole chat."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from string import ascii_uppercase
from typing import Any, Literal

import attrs
from attrs import frozen

from aisbench.api import DataError, JsonValue, Sample
from aisbench.data import (
    Row,
    is_media,
    media_at,
    parse_json,
    read_table,
    whole_number,
    why_unusable,
)
from aisbench_plugin_custom.batch_rows import batch_fields
from aisbench_plugin_custom.settings import CustomColumns, Kind

# Below "aisbench", whose records core keeps; a plugin's own module name is not.
log = logging.getLogger("aisbench.plugins.custom")

Detected = Literal["qa", "mcq", "messages", "batch"]
MediaKind = Literal["image", "audio", "video"]
_WORDS: Mapping[Detected, str] = {
    "qa": "questions",
    "mcq": "multiple choice",
    "messages": "whole chats",
    "batch": "batches",
}
MEDIA = "shown media"
"""The field with what a question shows."""
_KINDS: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
_ROLES = ("system", "user", "assistant")


def read_samples(file: Path, kind: Kind, columns: CustomColumns, prefix: str) -> list[Sample]:
    """The samples of ``file``; those without an id are called ``prefix-0``, ``prefix-1``, ...

    Raises DataError, naming file and line.
    """
    rows = read_table(file, files=columns.holding)
    _check_named(file, rows, columns)
    found = detect(rows[0].cells, columns) if kind == "auto" else kind
    log.info(
        "custom: %s: %d rows, %s (%s)",
        file.name,
        len(rows),
        _WORDS[found],
        f"told from the columns {', '.join(rows[0].cells)}" if kind == "auto" else "as set",
    )
    reader = _RowReader(found, columns, file.parent)
    samples = [reader.sample(row, f"{prefix}-{index}") for index, row in enumerate(rows)]
    seen: dict[str, str] = {}
    for row, sample in zip(rows, samples, strict=True):
        if sample.id in seen:
            raise DataError(
                f"{row.place}: the id {sample.id!r} is that of {seen[sample.id]} already",
                hint="give each row an id of its own, or name another column as columns.id",
            )
        seen[sample.id] = row.place
    return samples


def detect(cells: Mapping[str, Any], columns: CustomColumns) -> Detected:
    """What the first row tells: a column of messages, or options (A and B), or else a question."""
    if columns.messages in cells:
        return "messages"
    options = columns.choices or ("A", "B")
    return "mcq" if all(name in cells for name in options) else "qa"


def _check_named(file: Path, rows: Sequence[Row], columns: CustomColumns) -> None:
    """A column that the suite names must exist: a misspelt one must not pass for an absent one."""
    there = {name for row in rows for name in row.cells}
    for field in attrs.fields(CustomColumns):
        named = getattr(columns, field.name)
        if named == field.default:
            continue
        for name in [named] if isinstance(named, str) else named:
            if name not in there:
                raise DataError(
                    f"{file}: no column {name!r}, which columns.{field.name} names "
                    f"(columns: {', '.join(rows[0].cells)})",
                    hint="upper and lower case count; in a CSV file line 1 names the columns",
                )


@frozen
class _RowReader:
    """Makes samples of the rows of one file."""

    kind: Detected
    columns: CustomColumns
    folder: Path

    def sample(self, row: Row, name: str) -> Sample:
        columns = self.columns
        self._check_usable(row)
        fields: dict[str, JsonValue] = dict(row.cells)
        # These decide how the template puts a row, and columns could be called alike.
        for deciding in ("letters", "messages", "system", "answer"):
            fields.pop(deciding, None)
        for name_of_files in columns.files:
            if name_of_files in fields:
                fields[name_of_files] = self._located(row, name_of_files)
        fields.pop(MEDIA, None)
        if shown := self._shown(row, fields):
            fields[MEDIA] = shown
        given = _scalar(row, columns.id)
        target = _target(row.cells.get(columns.answer))
        if system := _scalar(row, columns.system):
            fields["system"] = system
        if self.kind == "messages":
            fields["messages"] = _chat(row, columns.messages)
        elif self.kind == "batch":
            fields |= batch_fields(row, columns)
        else:
            fields["question"] = self._question(row)
        if self.kind == "mcq":
            options = self._options(row)
            letters = ascii_uppercase[: len(options)]
            pairs = zip(letters, options, strict=True)
            fields["options"] = "\n".join(
                f"{letter}. {option.strip()}" for letter, option in pairs
            )
            fields["letters"] = ", ".join(letters)
            fields["choices"] = options
            target = self._letter(row, target, options)
        if target is not None:
            fields["answer"] = _shown(target)
        return Sample(
            id=given or name,
            fields=fields,
            target=target,
            part=_scalar(row, columns.part),
            generation=self._generation(row),
            place=row.place,
        )

    def _check_usable(self, row: Row) -> None:
        """What only a prompt may name does no harm; these columns are read."""
        columns = self.columns
        used = {
            "qa": (columns.question,),
            "mcq": (columns.question, *columns.choices, *ascii_uppercase),
            "messages": (columns.messages,),
            "batch": (columns.texts, columns.query, columns.documents),
        }[self.kind]
        always = (
            columns.answer, columns.system, columns.max_tokens, columns.generation, columns.part,
            columns.id, *columns.holding,
        )  # fmt: skip
        for name in (*used, *always):
            cell = row.cells.get(name)
            if name in columns.holding and is_media(cell):
                continue
            if why := why_unusable(cell):
                raise DataError(
                    f"{row.place}: {why}", hint="write texts or numbers, or name another column"
                )

    def _shown(self, row: Row, fields: dict[str, JsonValue]) -> list[JsonValue]:
        """What a question shows, in the order of the columns; of AISBench's rows (``type``,
        ``path``) what these name."""
        columns = self.columns
        named: list[tuple[str, MediaKind]] = [
            *((one, "image") for one in columns.images),
            *((one, "audio") for one in columns.audio),
            *((one, "video") for one in columns.video),
        ]
        if not named and (kind := _kind_of_row(row)) is not None:
            named = [("path", kind)]
        found: list[JsonValue] = []
        for name, kind in named:
            if name not in row.cells:
                continue
            value = fields[name] = self._located(row, name, kind)
            several = value if isinstance(value, list) else [value]
            found += [one for one in several if one not in (None, "")]
        return found

    def _located(self, row: Row, name: str, kind: MediaKind | None = None) -> JsonValue:
        """Paths as they can be opened; addresses stay, and empty cells."""
        value = row.cells[name]
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = parse_json(value, row.place)
        try:
            return media_at(value, self.folder, kind)
        except DataError as error:
            raise DataError(f"{row.place}: {name!r}: {error.message}", hint=error.hint) from None

    def _question(self, row: Row) -> str:
        name = self.columns.question
        text = row.cells.get(name)
        if name not in row.cells:
            raise DataError(
                f"{row.place}: no column {name!r} (columns: {', '.join(row.cells) or 'none'})",
                hint="the first line of a CSV file names the columns; if yours are called "
                'otherwise, set columns = { question = "..." }',
            )
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"{row.place}: no text under {name!r}", hint="a question is a string")
        return text

    def _options(self, row: Row) -> list[str]:
        """The options as they stand in the file: a blank before one is what keeps it apart from
        the prompt that it continues."""
        named = self.columns.choices
        if len(named) == 1:
            cell = row.cells.get(named[0])
            found = parse_json(cell, row.place) if isinstance(cell, str) else cell
            if not isinstance(found, list):
                raise DataError(
                    f"{row.place}: no list of options under {named[0]!r}",
                    hint='write ["first", "second", ...], or name the column of each option',
                )
            cells = found
        else:
            names = named or takewhile(row.cells.__contains__, ascii_uppercase)
            cells = [row.cells.get(name) for name in names]
        options = [_text(cell) for cell in cells]
        while options and not options[-1].strip():
            options.pop()
        whole = all(option.strip() for option in options)
        if len(options) < 2 or not whole or len(options) > len(ascii_uppercase):
            raise DataError(
                f"{row.place}: {len(options)} options"
                f"{'' if whole else ', an empty one among them'} "
                f"(columns: {', '.join(row.cells)})",
                hint="a row needs 2 to 26 options, in columns A, B, ... or those that "
                "columns.choices names; only the last ones may be empty",
            )
        return options

    def _letter(self, row: Row, answer: JsonValue, options: list[str]) -> str | None:
        """The letter of the right option, which the data may give as letter, column or text."""
        if answer is None:
            return None
        letters = ascii_uppercase[: len(options)]
        options = [option.strip() for option in options]
        said = _text(answer).strip()
        if len(said) == 1 and said.upper() in letters:
            return said.upper()
        if len(self.columns.choices) > 1 and said in self.columns.choices[: len(options)]:
            return letters[self.columns.choices.index(said)]
        if options.count(said) == 1:
            return letters[options.index(said)]
        raise DataError(
            f"{row.place}: the answer {said!r} is none of the options",
            hint=f"write the letter ({letters[0]} to {letters[-1]}) or the option's text",
        )

    def _generation(self, row: Row) -> dict[str, JsonValue]:
        made: dict[str, JsonValue] = {}
        if (own := _value_of(row, self.columns.generation)) is not None:
            if not isinstance(own, dict):
                raise DataError(
                    f"{row.place}: {self.columns.generation!r} is not a JSON object",
                    hint='write {"temperature": 0.5, ...}, in the names of the server',
                )
            made.update(own)
        if (limit := row.cells.get(self.columns.max_tokens)) not in (None, ""):
            made["max_tokens"] = _positive(limit, row.place, self.columns.max_tokens)
        return made


def _kind_of_row(row: Row) -> MediaKind | None:
    """What ``path`` names in a row of AISBench's ``mm_custom``."""
    kind, path = row.cells.get("type"), row.cells.get("path")
    if not isinstance(path, (list, str)) or not path:
        return None
    return _KINDS.get(kind) if isinstance(kind, str) else None


def _value_of(row: Row, name: str) -> Any:
    """A value that is JSON; in CSV it stands there as text."""
    value = row.cells.get(name)
    if isinstance(value, str):
        return parse_json(value, row.place) if value.strip() else None
    return value


def _target(value: Any) -> JsonValue:
    """The reference; numbers as text, so that JSONL and CSV give the same."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return None if value == "" else value


def _positive(value: Any, place: str, name: str) -> int:
    found = whole_number(value)
    if found is None:
        raise DataError(
            f"{place}: {name} is {value!r}, not a positive integer",
            hint="write 1 or more in digits alone, or leave the cell empty",
        )
    return found


def _scalar(row: Row, name: str) -> str:
    value = row.cells.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (str, int))):
        raise DataError(f"{row.place}: {name!r} is not text", hint="write a string")
    return "" if value is None else str(value)


def _text(value: Any) -> str:
    """A cell as text, blanks and all; "" when it is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)


def _shown(target: JsonValue) -> str:
    """The answer as an example shows it: the first, where there are several."""
    if isinstance(target, list) and target:
        return str(target[0])
    return str(target)


def _chat(row: Row, name: str) -> list[dict[str, str]]:
    messages = _value_of(row, name)
    if not isinstance(messages, list) or not messages:
        raise DataError(
            f"{row.place}: no list of messages under {name!r}",
            hint='write [{"role": "user", "content": "..."}, ...]',
        )
    made = []
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if role not in _ROLES or not isinstance(content, str):
            raise DataError(
                f"{row.place}: a message without role ({', '.join(_ROLES)}) and text as content",
                hint='write [{"role": "user", "content": "..."}, ...]',
            )
        made.append({"role": role, "content": content})
    if made[-1]["role"] != "user":
        raise DataError(
            f"{row.place}: the last message is not the user's: there is nothing to answer",
            hint="a reference answer has a column of its own",
        )
    return made
