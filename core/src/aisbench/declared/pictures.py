"""[media]: pictures, sounds and films of rows, as fields that say where their bytes are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import define

from aisbench.base.errors import DataError
from aisbench.data.cells import why_unusable
from aisbench.data.filling import fill_places
from aisbench.data.media_cells import media_at
from aisbench.data.paths import MissingPart
from aisbench.data.row import Row
from aisbench.declared.column import NamedColumn, is_blank, missing_column
from aisbench.declared.column_keys import MediaTable
from aisbench.media.values import is_media
from aisbench.types.json import JsonValue
from aisbench.types.sample import Sample


@define
class MediaField:
    """One entry of [media] for the files of a split."""

    name: str
    table: MediaTable
    folder: Path
    split: str
    hint: str

    @property
    def column(self) -> NamedColumn:
        """The column that holds or names the contents."""
        return NamedColumn(self.table.column or self.name)

    def value(self, row: Row, fields: Mapping[str, JsonValue], part: str) -> JsonValue:
        """The field of a row, whose files are looked at where the row is asked. Raises DataError,
        naming the row, for what is no content and names none."""
        cell = self._cell(row, fields)
        if not is_media(cell) and (why := why_unusable(cell)):
            raise DataError(f"{row.place}: {why}", hint=self.hint)
        home = self._home(row, part)
        try:
            return media_at(cell, home, self.table.kind)
        except DataError as error:
            raise DataError(
                f"{row.place}: media.{self.name}: {error.message}", hint=error.hint
            ) from None

    def _cell(self, row: Row, fields: Mapping[str, JsonValue]) -> JsonValue:
        if "{" in self.table.column:
            sample = Sample(id=row.place, fields=fields)
            return fill_places(self.table.column, sample, f"media.{self.name}.column")
        try:
            cell: JsonValue = self.column.value(fields)
        except MissingPart as error:
            if not self.table.paths:
                raise DataError(
                    missing_column(row, self.column.name, error), hint=self.hint
                ) from None
            cell = None
        if self.table.paths and (is_blank(cell) or cell == []):
            return NamedColumn(self.table.paths).required(row, self.hint, fields)  # type: ignore[no-any-return]
        return cell

    def _home(self, row: Row, part: str) -> Path:
        """The folder, or the archive, that names of files are meant from."""
        inside = self.table.zip or self.table.folder
        home = self.folder / inside.replace("{part}", part).replace("{split}", self.split)
        if self.table.zip and not home.is_file():
            raise DataError(f"{row.place}: media.{self.name}: there is no {home}", hint=self.hint)
        return home


def columns_of_media(media: Mapping[str, MediaTable]) -> tuple[str, ...]:
    """The columns that hold contents, or name them."""
    named = [one.column or name for name, one in media.items() if "{" not in one.column]
    return tuple(dict.fromkeys(one.partition(".")[0].partition("[")[0] for one in named))
