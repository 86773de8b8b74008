"""From the files of a split to rows: what is in them, exploded, joined and chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from aisbench.base.errors import DataError
from aisbench.data.conditions import Condition
from aisbench.data.paths import MissingPart, read_path
from aisbench.data.row import Row
from aisbench.data.tables import kind_of, read_table
from aisbench.data.text import parse_json
from aisbench.declared.column import (
    NamedColumn,
    columns_of,
    missing_column,
)
from aisbench.declared.declaration import Declaration
from aisbench.declared.joining import Joiner, format_of
from aisbench.declared.own_code import RowsFunction
from aisbench.declared.shown_rows import with_shown
from aisbench.literals import LiteralError, read_literal
from aisbench.types.json import JsonValue


@frozen
class TableFile:
    """A data file with the part that it belongs to."""

    path: Path
    part: str


@define
class RecordReader:
    """Reads the rows of one split, as ``declaration`` says for it; ``single`` where a JSON file
    may be one row."""

    declaration: Declaration
    split: str
    folder: Path
    hint: str
    single: bool = False
    own: RowsFunction | None = None
    files: tuple[str, ...] = ()
    """Columns that hold or name pictures, sounds and films."""
    _where: tuple[_Condition, ...] = field(init=False)
    _joins: tuple[Joiner, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        rows = self.declaration.row_table
        self._where = tuple(_Condition(name, wanted) for name, wanted in rows.where.items())
        self._joins = tuple(Joiner(one, self.split, self.folder, self.hint) for one in rows.join)

    def read(self, file: TableFile) -> list[Row]:
        """The rows of a file. Raises DataError, naming file and line."""
        rows = self._raw(file)
        table = self.declaration.row_table
        for one in self._joins:
            if one.by_line:
                rows = one.joined(rows, file.part)
        later = self._parse(rows, table.parse)
        for number, names in enumerate(_steps(table.explode), 1):
            last = number == len(table.explode) or isinstance(table.explode, str)
            item = table.item if last else ""
            rows = [one for row in rows for one in self._exploded(row, names, item)]
        for one in self._joins:
            if not one.by_line:
                rows = one.joined(rows, file.part)
        if rows and (absent := self._parse(rows, later)):
            raise DataError(
                f"{rows[0].place}: rows.parse: no row has {next(iter(absent))!r} "
                f"(columns: {columns_of(rows[0])})",
                hint=self.hint,
            )
        rows = with_shown(rows, self.declaration.media, self.hint)
        return self._chosen(rows)

    def _chosen(self, rows: list[Row]) -> list[Row]:
        """The rows that are kept, their columns renamed."""
        if names := self.declaration.row_table.rename:
            rows = [self._renamed(row, names) for row in rows]
        for condition in self._where:
            rows = [row for row in rows if condition.holds(row, self.hint)]
        return rows

    def _raw(self, file: TableFile) -> list[Row]:
        columns, table = self.declaration.columns, self.declaration.row_table
        if self.own is not None:
            return self.own.read(file.path, self.split, file.part)
        kind = format_of(file.path, table.format) or kind_of(file.path)
        self._check_effect(file.path, kind)
        rows = read_table(
            file.path,
            columns=columns.names,
            records=columns.records.replace("{part}", file.part).replace("{split}", self.split),
            hint=self.hint,
            kind=kind,
            skip=table.skip,
            quotes=table.quotes,
            key=table.key,
            single=self.single or bool(table.explode),
            files=self.files,
        )
        if columns.names and kind in ("json", "jsonl") and columns.names[0] not in rows[0].cells:
            raise DataError(
                f"{rows[0].place}: columns.names has no effect on rows that are objects",
                hint=f"leave it out; the row's own names are {', '.join(rows[0].cells)}",
            )
        return rows

    def _check_effect(self, file: Path, kind: str) -> None:
        """Raises DataError for a key that says nothing about files of that format."""
        columns, table = self.declaration.columns, self.declaration.row_table
        for key, given, kinds in (
            ("rows.quotes", not table.quotes, ("csv", "tsv")),
            ("rows.key", table.key, ("json",)),
            ("columns.records", columns.records, ("json",)),
            ("columns.names", columns.names, ("csv", "tsv", "lines", "json", "jsonl")),
        ):
            if given and kind not in kinds:
                raise DataError(
                    f"{file}: {key} has no effect on a file of the format {kind}",
                    hint=f"leave it out: it is for {', '.join(kinds)}; or set rows.format",
                )

    def _parse(self, rows: list[Row], kinds: Mapping[str, str]) -> dict[str, str]:
        """Put data in the place of the texts that hold it. Returns what no row has, which may be
        columns of rows that are inside these."""
        absent = {}
        for name, kind in kinds.items():
            column = NamedColumn(name)
            having = [number for number, row in enumerate(rows) if column.has(row.cells)]
            if not having:
                absent[name] = kind
            for number in having:
                row = rows[number]
                cells = dict(row.cells)
                column.changed(cells, partial(self._data, kind, f"{row.place}: {name!r}"))
                rows[number] = Row(row.place, cells)
        return absent

    def _data(self, kind: str, where: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._data(kind, where, one) for one in value]
        if not isinstance(value, str) or not value.strip():
            return value
        if kind == "list" and not value.lstrip().startswith("["):
            return value
        if kind == "json":
            return parse_json(value, where, hint=self.hint)
        try:
            return read_literal(value)
        except LiteralError as error:
            raise DataError(f"{where} is no literal of Python: {error}", hint=self.hint) from None

    def _renamed(self, row: Row, names: Mapping[str, str]) -> Row:
        """Columns by their new names; ``"old?"`` may be absent."""
        present = {
            old.removesuffix("?"): new
            for old, new in names.items()
            if not old.endswith("?") or old[:-1] in row.cells
        }
        for old, new in present.items():
            if old not in row.cells or new in row.cells:
                wrong = f"no column {old!r}" if old not in row.cells else f"{new!r} is there too"
                raise DataError(
                    f"{row.place}: rows.rename: {wrong} (columns: {columns_of(row)})",
                    hint=self.hint,
                )
        return Row(row.place, {present.get(name, name): cell for name, cell in row.cells.items()})

    def _exploded(self, row: Row, names: Sequence[str], item: str) -> Iterator[Row]:
        """The rows in a row's lists, which go together item by item."""
        lists = [self._items(row, name) for name in names]
        lengths = {len(one) for one in lists}
        if len(lengths) > 1:
            pairs = ", ".join(
                f"{name}: {len(one)}" for name, one in zip(names, lists, strict=True)
            )
            raise DataError(
                f"{row.place}: rows.explode: lists of different lengths ({pairs})", hint=self.hint
            )
        outer = {name: cell for name, cell in row.cells.items() if name not in names}
        for items in zip(*lists, strict=True):
            cells: dict[str, Any] = dict(outer)
            for name, (_, value) in zip(names, items, strict=True):
                if isinstance(value, Mapping):
                    cells.update(value)
                else:
                    cells[_last(name)] = value
            key = items[0][0]
            if item:
                cells[item] = key
            where = f"[{key}]" if isinstance(key, int) else f".{key}"
            yield Row(f"{row.place}: {names[0]}{where}", cells)

    def _items(self, row: Row, name: str) -> list[tuple[str | int, Any]]:
        value = NamedColumn(name).required(row, self.hint)
        if isinstance(value, Mapping):
            return list(value.items())
        if isinstance(value, list):
            return list(enumerate(value))
        if value is None:
            return []
        raise DataError(
            f"{row.place}: rows.explode: {name!r} is no list, but {value!r:.60}", hint=self.hint
        )


def _steps(explode: str | Sequence[str | Sequence[str]]) -> list[tuple[str, ...]]:
    if isinstance(explode, str):
        return [(explode,)]
    return [(one,) if isinstance(one, str) else tuple(one) for one in explode]


def _last(name: str) -> str:
    """The name of a list's items, which is the last of its path."""
    try:
        path = read_path(name)
    except ValueError:
        return name
    words = [step for step in path.steps if isinstance(step, str)]
    return words[-1] if words else path.head


class _Condition:
    """[rows.where] COLUMN = WANTED."""

    def __init__(self, name: str, wanted: JsonValue) -> None:
        self._of = Condition(name, wanted)

    def holds(self, row: Row, hint: str) -> bool:
        """Whether a row is kept. Raises DataError for a row without the column."""
        try:
            return self._of.holds(row.cells)
        except MissingPart as error:
            raise DataError(missing_column(row, self._of.name, error), hint=hint) from None
