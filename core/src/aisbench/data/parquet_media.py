"""Columns of a Parquet or Arrow file that hold pictures, sounds or films: where they are, without
reading them.

The Hub stores them as ``{"bytes", "path"}``, of which one may be missing, and says of which kind
they are in the file's metadata
(https://huggingface.co/docs/datasets/en/about_dataset_features). Other columns hold the bytes
alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.media.arrow_files import ENDING, ArrowFile
from aisbench.media.kinds import HEAD, mime_of
from aisbench.media.values import media_value
from aisbench.types.json import JsonValue
from aisbench.types.media import MediaKind, MediaPlace

_BUFFER = 1 << 20
_ROWS_AT_ONCE = 64
_MIMES: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
_KINDS: Mapping[str, MediaKind] = {"Image": "image", "Audio": "audio", "Video": "video"}


@define
class MediaColumns:
    """The columns of one file that hold media."""

    file: Path
    _opened: Any = field(init=False)
    _kinds: Mapping[str, MediaKind] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._opened = _opened(self.file)
        self._kinds = _kinds(self._opened.schema_arrow.metadata or {})

    def close(self) -> None:
        """Let go of the file."""
        self._opened.close()

    def found(self, named: tuple[str, ...]) -> dict[str, MediaKind | None]:
        """Column -> kind, if that is known, of the columns ``named`` and of those that look like
        media."""
        found: dict[str, MediaKind | None] = {}
        for column in self._opened.schema_arrow:
            name, kind = column.name, self._kinds.get(column.name)
            hub = _is_hub_media(column.type)
            if hub or _is_bytes(column.type):
                # What is there counts more than what the metadata call it.
                kind = self._kind_of_contents(name) or kind
            if kind is not None or hub or name in named:
                found[name] = kind
        return found

    def cells(self, name: str, kind: MediaKind | None) -> list[JsonValue]:
        """The cells of a column: media values, names of files as they stand, None, or lists of
        these. Raises DataError for a column of anything else."""
        column = self._opened.schema_arrow.field(name)
        if not _is_list(column.type) and self._all_hold_bytes(name):
            return [self._value(row, name, kind) for row in range(self._rows())]
        found: list[JsonValue] = []
        for cells in self._batches(name):
            for cell in cells:
                found.append(self._lazy(cell, MediaPlace(row=len(found), column=name), kind))
        return found

    def _rows(self) -> int:
        opened = self._opened
        return opened.rows if isinstance(opened, ArrowFile) else opened.metadata.num_rows

    def _batches(self, name: str) -> Iterator[list[Any]]:
        """The cells of a few rows at a time."""
        for batch in self._opened.iter_batches(
            batch_size=_ROWS_AT_ONCE, columns=[name], use_threads=False
        ):
            yield batch.column(0).to_pylist()

    def _lazy(self, cell: Any, place: MediaPlace, kind: MediaKind | None) -> JsonValue:
        if isinstance(cell, list):
            return [
                self._lazy(one, attrs.evolve(place, item=number), kind)
                for number, one in enumerate(cell)
            ]
        if isinstance(cell, Mapping) and cell.keys() <= {"bytes", "path"}:
            content = cell.get("bytes")
            cell = content if content is not None else cell.get("path")
        if cell is None or isinstance(cell, str):
            return cell
        if isinstance(cell, bytes):
            return media_value(self.file, place, kind)
        raise DataError(
            f"{self.file}: the column {place.column!r} holds {type(cell).__name__}, and files are "
            "asked for",
            hint="a column of files holds paths, bytes, or {bytes, path}",
        )

    def _value(self, row: int, name: str, kind: MediaKind | None) -> JsonValue:
        return media_value(self.file, MediaPlace(row=row, column=name), kind)

    def _all_hold_bytes(self, name: str) -> bool:
        """Whether the file's statistics say that no row lacks the bytes."""
        kind = self._opened.schema_arrow.field(name).type
        in_struct = _is_hub_media(kind)
        if not (in_struct or _is_bytes(kind)):
            return False
        path = f"{name}.bytes" if in_struct else name
        if isinstance(self._opened, ArrowFile):
            return not self._opened.lacks(path)
        about = self._opened.metadata
        schema = self._opened.schema
        leaves = [
            number for number in range(about.num_columns) if schema.column(number).path == path
        ]
        if len(leaves) != 1:
            return False
        for group in range(about.num_row_groups):
            statistics = about.row_group(group).column(leaves[0]).statistics
            if statistics is None or not statistics.has_null_count or statistics.null_count:
                return False
        return True

    def _kind_of_contents(self, name: str) -> MediaKind | None:
        """What the first content of a column is."""
        for batch in self._opened.iter_batches(batch_size=1, columns=[name], use_threads=False):
            content = _first_content(batch.column(0)[0].as_py())
            if content is not None:
                return _MIMES.get(mime_of(content[:HEAD]).partition("/")[0])
        return None


def _opened(file: Path) -> Any:
    """The file, of which column after column can be read."""
    if file.suffix.lower() == ENDING:
        return ArrowFile(file)
    import pyarrow.parquet

    # Otherwise whole row groups of a column would be in memory at once.
    return pyarrow.parquet.ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False)


def _first_content(cell: Any) -> bytes | None:
    if isinstance(cell, list):
        return next((found for one in cell if (found := _first_content(one)) is not None), None)
    content = cell.get("bytes") if isinstance(cell, Mapping) else cell
    return content if isinstance(content, bytes) else None


def _is_bytes(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_binary(kind) or types.is_large_binary(kind))


def _is_list(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_list(kind) or types.is_large_list(kind))


def _is_hub_media(kind: Any) -> bool:
    from pyarrow import types

    if _is_list(kind):
        return _is_hub_media(kind.value_type)
    if not types.is_struct(kind) or kind.num_fields != 2:
        return False
    parts = {kind.field(number).name: kind.field(number).type for number in range(2)}
    return set(parts) == {"bytes", "path"} and _is_bytes(parts["bytes"])


def _kinds(metadata: Mapping[bytes, bytes]) -> dict[str, MediaKind]:
    """Column -> kind, of those that the Hub's metadata calls pictures, sounds or films."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        found = {name: _KINDS.get(_type_of(one)) for name, one in features.items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}  # metadata is anybody's
    return {name: kind for name, kind in found.items() if kind is not None}


def _type_of(feature: Any) -> str:
    """Of a feature, or of what it is a list of."""
    if isinstance(feature, list) and feature:
        return _type_of(feature[0])
    if isinstance(feature, Mapping):
        inner = feature.get("feature")
        return _type_of(inner) if inner is not None else str(feature.get("_type", ""))
    return ""
