"""Cells of [media] that name another row of the table, whose picture they show.

VLMEvalKit's tables hold a picture once: where several questions are about one, the others have the
``index`` of its row (open-compass/VLMEvalKit, ``vlmeval/dataset/image_base.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.data.media_cells import holds_content, listed
from aisbench.data.row import Row
from aisbench.declared.column import NamedColumn, as_text, is_blank
from aisbench.declared.column_keys import MediaTable
from aisbench.types.json import JsonValue

LONGEST = 64
"""Characters of a reference at most, as VLMEvalKit has it."""
_NAME = re.compile(
    r"(?:https?://|data:|file://|.*[/\\]|.*\.[A-Za-z][A-Za-z0-9]{1,4}$)", re.IGNORECASE
)
"""What is an address, or a name of a file."""


def with_shown(rows: list[Row], media: Mapping[str, MediaTable], hint: str) -> list[Row]:
    """The rows of one file, with contents in the place of references. Raises DataError, naming
    the row, for a reference that leads to no content."""
    for name, table in media.items():
        if table.references and rows:
            rows = _Table(name, table, rows, hint).shown()
    return rows


@define
class _Table:
    name: str
    table: MediaTable
    rows: Sequence[Row]
    hint: str
    _column: NamedColumn = field(init=False)
    _index: NamedColumn = field(init=False)
    _by_index: dict[str, Row] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self._column = NamedColumn(self.table.column or self.name)
        self._index = NamedColumn(self.table.references)

    def shown(self) -> list[Row]:
        """The rows."""
        for row in self.rows:
            own = as_text(self._index.required(row, self.hint)).strip()
            if other := self._by_index.get(own):
                raise self._error(row, f"{self._index.name} {own!r} is that of {other.place} too")
            self._by_index[own] = row
        found: list[Row] = []
        for row in self.rows:
            cells = dict(row.cells)
            self._column.changed(cells, partial(self._content, row))
            found.append(Row(row.place, cells))
        return found

    def _content(self, row: Row, cell: Any) -> JsonValue:
        if not self._is_reference(cell):
            return cell  # type: ignore[no-any-return]
        wanted = as_text(cell).strip()
        other = self._by_index.get(wanted)
        if other is None:
            raise self._error(
                row, f"names the row {wanted!r}, and no row has that {self._index.name}"
            )
        shown = self._column.get(other.cells)
        if other is row:
            raise self._error(row, f"names its own row {wanted!r}")
        if is_blank(shown):
            raise self._error(row, f"names the row {wanted!r}, which has no {self.table.kind}")
        if self._is_reference(shown):
            raise self._error(
                row,
                f"names the row {wanted!r}, which itself names the row {as_text(shown)!r}: a "
                "reference to a reference",
            )
        return shown  # type: ignore[no-any-return]

    def _is_reference(self, cell: Any) -> bool:
        """Whether a cell is none of a content, a list, an address, and a name of a file."""
        if type(cell) is int:
            return True
        if not isinstance(cell, str) or is_blank(cell) or len(cell) > LONGEST:
            return False
        if cell.strip() in self._by_index:
            return True
        return not (_NAME.match(cell) or listed(cell) is not None or holds_content(cell))

    def _error(self, row: Row, what: str) -> DataError:
        return DataError(f"{row.place}: media.{self.name}: {what}", hint=self.hint)
