"""Looking up what a declaration calls a column: a column's own name, or a path into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aisbench.base.errors import DataError
from aisbench.data.cells import why_unusable
from aisbench.data.conditions import cell_at
from aisbench.data.paths import DataPath, MissingPart, quoted, read_path
from aisbench.data.row import Row


class NamedColumn:
    """A column by name or path. A name that a row has as it stands comes first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._path: DataPath | None
        try:
            self._path = read_path(name)
        except ValueError:
            self._path = None

    def value(self, cells: Mapping[str, Any]) -> Any:
        """What the row has. Raises MissingPart."""
        return cell_at(self.name, self._path, cells)

    def get(self, cells: Mapping[str, Any]) -> Any:
        """What the row has, or None."""
        try:
            return self.value(cells)
        except MissingPart:
            return None

    def has(self, cells: Mapping[str, Any]) -> bool:
        """Whether the row has it."""
        try:
            self.value(cells)
        except MissingPart:
            return False
        return True

    def required(self, row: Row, hint: str, cells: Mapping[str, Any] | None = None) -> Any:
        """What the row has, of ``cells`` where they are not the row's own. Raises DataError when
        it has none, or a prompt could not show it."""
        own = row.cells if cells is None else cells
        try:
            value = self.value(own)
        except MissingPart as error:
            raise DataError(missing_column(row, self.name, error), hint=hint) from None
        if type(value) is not str and (why := why_unusable(value)):
            raise DataError(f"{row.place}: {why}", hint=hint)
        return value

    def changed(self, cells: dict[str, Any], change: Callable[[Any], Any]) -> None:
        """Put ``change`` of it in its place, where the row has it."""
        if self.name in cells:
            cells[self.name] = change(cells[self.name])
        elif self._path is not None and self.has(cells):
            head = self._path.head
            cells[head] = _rebuilt(cells[head], self._path.steps, change)


def _rebuilt(value: Any, steps: tuple[str | int | None, ...], change: Callable[[Any], Any]) -> Any:
    """A copy of ``value`` in which what ``steps`` lead to is changed."""
    if not steps:
        return change(value)
    step, rest = steps[0], steps[1:]
    if step is None:
        return [_rebuilt(item, rest, change) for item in value]
    if isinstance(step, str):
        return {**value, step: _rebuilt(value[step], rest, change)}
    items = list(value)
    items[step] = _rebuilt(items[step], rest, change)
    return items


def missing_column(row: Row, name: str, error: MissingPart) -> str:
    """The words for a row without a column."""
    if name.isidentifier() or str(error).startswith("there is no"):
        return f"{row.place}: no column {name!r} (columns: {columns_of(row)})"
    return f"{row.place}: {name!r} leads nowhere: {error}"


def columns_of(row: Row) -> str:
    """The names of a row's columns, each in quotes that does not stand without them."""
    return ", ".join(quoted(str(name)) for name in row.cells)


def is_blank(value: Any) -> bool:
    """Whether a value is null, or a text of blanks."""
    return value is None or (isinstance(value, str) and not value.strip())


def as_text(value: Any) -> str:
    """A value as a CSV file would hold it, for comparing."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
