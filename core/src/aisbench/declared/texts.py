"""Texts and settings that each part, or each row, has of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.data.filling import fill_places
from aisbench.data.paths import MissingPart, read_path, value_at
from aisbench.data.row import Row
from aisbench.data.text import parse_json, read_text
from aisbench.declared.column import NamedColumn
from aisbench.declared.column_keys import TextTable
from aisbench.types.json import JsonValue
from aisbench.types.sample import Sample


@define
class PartText:
    """One entry of [texts] or [generation]; ``where`` names it in messages."""

    table: TextTable
    where: str
    folder: Path
    split: str
    hint: str
    _known: dict[str, Any] = field(init=False, factory=dict)

    def file(self, part: str) -> Path | None:
        """The file that is read for a part."""
        if not self.table.file:
            return None
        return self.folder / self._named(self.table.file, part)

    def value(self, row: Row, fields: Mapping[str, JsonValue], part: str) -> JsonValue:
        """What it is for a row of a part. Raises DataError, naming the file."""
        table = self.table
        if table.column:
            found: Any = NamedColumn(table.column).required(row, self.hint, fields)
        else:
            if part not in self._known:
                self._known[part] = self._of_part(part)
            found = self._known[part]
        if table.fill and isinstance(found, str):
            return fill_places(found, Sample(id=row.place, fields=fields), self.where)
        return found  # type: ignore[no-any-return]

    def _of_part(self, part: str) -> Any:
        table = self.table
        file = self.file(part)
        if file is None:
            if part in table.parts:
                return self._cut(table.parts[part], self.where)
            if table.default is None:
                raise DataError(
                    f"{self.where}: says nothing of the part {part!r}",
                    hint=f"add it to {self.where}.parts, or set {self.where}.default",
                )
            return self._cut(table.default, self.where)
        if not file.is_file():
            raise DataError(f"{self.where}: {file} does not exist", hint=self.hint)
        text = read_text(file, hint=self.hint)
        if not table.key:
            return self._cut(text, str(file))
        found = parse_json(text, str(file), hint=self.hint)
        key = self._named(table.key, part)
        if not isinstance(found, dict):
            raise DataError(f"{file}: is no JSON object", hint=self.hint)
        if key in found:
            return self._cut(found[key], str(file))
        try:
            return self._cut(value_at(read_path(key), found), str(file))
        except (MissingPart, ValueError) as error:
            raise DataError(f"{file}: {self.where}.key {key!r}: {error}", hint=self.hint) from None

    def _named(self, text: str, part: str) -> str:
        return text.replace("{part}", part).replace("{split}", self.split)

    def _cut(self, found: Any, where: str) -> Any:
        table = self.table
        if not isinstance(found, str):
            return found
        for mark, side in ((table.after, 2), (table.before, 0)):
            if mark and mark not in found:
                raise DataError(f"{where}: {mark!r} does not occur in it", hint=self.hint)
            if mark:
                found = found.partition(mark)[side]
        return found.strip() if table.strip else found
