"""Columns of a second file: labels line by line, answers by id."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.data.row import Row
from aisbench.data.tables import read_table
from aisbench.declared.column import NamedColumn, as_text
from aisbench.declared.row_keys import JoinTable


def format_of(file: Path, said: str) -> str:
    """The format that a declaration says, but of a Parquet or Arrow file, which may stand in the
    place of others; or plain lines by the ending; else that is the file's own."""
    ending = (file.with_suffix("") if file.suffix == ".gz" else file).suffix.lower()
    if ending in (".parquet", ".arrow"):
        return ""
    return said or ("lines" if ending in (".lst", ".txt") else "")


@define
class Joiner:
    """One [[rows.join]] for the files of a split."""

    table: JoinTable
    split: str
    folder: Path
    hint: str
    _known: dict[str, list[Row]] = field(init=False, factory=dict)
    _keyed: dict[str, dict[str, Row]] = field(init=False, factory=dict)
    _locks: dict[str, threading.Lock] = field(init=False, factory=dict)
    """By file: one that belongs to all parts, which are read at once, is read once."""

    @property
    def by_line(self) -> bool:
        """Whether rows belong together by their number."""
        return self.table.by == "line"

    def file(self, part: str) -> Path | None:
        """The second file; None for a split that has none."""
        named = self.table.file
        names = named.get(self.split) if isinstance(named, Mapping) else named
        if not names:
            return None
        files = [
            self.folder / name.replace("{part}", part).replace("{split}", self.split)
            for name in ((names,) if isinstance(names, str) else names)
        ]
        return next((file for file in files if file.is_file()), files[0])

    def joined(self, rows: list[Row], part: str) -> list[Row]:
        """The rows with the columns of the second file. Raises DataError where they do not fit
        each other."""
        file = self.file(part)
        if file is None:
            return rows
        with self._locks.setdefault(str(file), threading.Lock()):
            others = self._rows(file)
            by_key = {} if self.by_line else self._by_key(file, others)
        if self.by_line:
            if len(rows) != len(others):
                raise DataError(
                    f"{file}: {len(others)} rows, and {rows[0].place} and what follows are "
                    f"{len(rows)}",
                    hint=self.hint,
                )
            return [self._both(row, one) for row, one in zip(rows, others, strict=True)]
        own = NamedColumn(self.table.by)
        joined = []
        for row in rows:
            key = as_text(own.required(row, self.hint))
            if key not in by_key:
                raise DataError(
                    f"{row.place}: {file} has no row whose {self._other!r} is {key!r}",
                    hint=self.hint,
                )
            joined.append(self._both(row, by_key[key]))
        return joined

    @property
    def _other(self) -> str:
        return self.table.other or self.table.by

    def _by_key(self, file: Path, others: list[Row]) -> dict[str, Row]:
        if (known := self._keyed.get(str(file))) is not None:
            return known
        column = NamedColumn(self._other)
        found: dict[str, Row] = {}
        for row in others:
            key = as_text(column.required(row, self.hint))
            if key in found:
                raise DataError(
                    f"{row.place}: the {self._other!r} {key!r} is that of {found[key].place} "
                    "already",
                    hint=self.hint,
                )
            found[key] = row
        self._keyed[str(file)] = found
        return found

    def _both(self, row: Row, other: Row) -> Row:
        more: Mapping[str, Any] = other.cells
        if self.table.under:
            more = {self.table.under: dict(more)}
        shared = [
            name
            for name in more
            if name in row.cells and not (name == self._other and not self.by_line)
        ]
        if shared:
            raise DataError(
                f"{other.place}: the column {shared[0]!r} is in {row.place} too",
                hint='name the column under which those of the second file go: under = "gold"',
            )
        return Row(row.place, {**more, **row.cells})

    def _rows(self, file: Path) -> list[Row]:
        if str(file) not in self._known:
            table = self.table
            if not file.is_file():
                raise DataError(f"{file} does not exist", hint=self.hint)
            self._known[str(file)] = read_table(
                file,
                columns=table.names,
                records=table.records,
                hint=self.hint,
                kind=format_of(file, table.format),
                skip=table.skip,
                quotes=table.quotes,
                key=table.key,
            )
        return self._known[str(file)]
