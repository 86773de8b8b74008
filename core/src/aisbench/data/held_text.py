"""Contents in base64 within text files: where they are, instead of what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from aisbench.data.media_cells import holds_content, listed
from aisbench.data.row import Row
from aisbench.data.text import cannot_read, not_utf8
from aisbench.media.values import media_value
from aisbench.types.json import JsonValue
from aisbench.types.media import MediaPlace


@define
class ByteLines:
    """The lines of a file, of which those of one row are in memory at a time."""

    file: Path
    hint: str = ""
    _at: int = field(init=False, default=0)
    """Byte at which the row begins."""
    _read: list[bytes] = field(init=False, factory=list)
    """What was read since."""
    _lines: Iterator[bytes] = field(init=False)
    _number: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self._lines = self._open()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._read.append(line)
        self._number += 1
        try:
            return line.decode("utf-8-sig" if self._number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise not_utf8(self.file, self._number, self.hint) from None

    def row(self, row: Row, columns: Sequence[str]) -> Row:
        """The row that was read since the one before it: in ``columns`` places instead of the
        contents."""
        raw = b"".join(self._read)
        cells = {
            name: _without(cell, self.file, Finder(raw, self._at)) if name in columns else cell
            for name, cell in row.cells.items()
        }
        self._at += len(raw)
        self._read.clear()
        return Row(row.place, cells)

    def _open(self) -> Iterator[bytes]:
        try:
            with self.file.open("rb") as file:
                yield from file
        except OSError as error:
            raise cannot_read(self.file, error) from error


@define
class Finder:
    """Finds texts in the bytes ``raw`` of a file from ``at`` on, quickly in their order."""

    raw: bytes
    at: int = 0
    _behind: int = field(init=False, default=0)

    def place_of(self, text: str) -> int | None:
        """The byte of the file at which ``text`` stands."""
        wanted = text.encode()
        place = self.raw.find(wanted, self._behind)
        if place < 0:
            place = self.raw.find(wanted)
        if place < 0:
            return None
        self._behind = place + len(wanted)
        return self.at + place


def rows_without_contents(rows: Sequence[Row], file: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of a whole file: in ``columns`` places instead of the contents."""
    finder = Finder(file.read_bytes())
    return [
        Row(
            row.place,
            {
                name: _without(cell, file, finder) if name in columns else cell
                for name, cell in row.cells.items()
            },
        )
        for row in rows
    ]


def _without(cell: JsonValue, file: Path, finder: Finder) -> JsonValue:
    """A cell with media values instead of the contents in it, at any depth.

    A content stands in the file as it is, for base64 has nothing that CSV or JSON would have to
    write otherwise; where a file does so all the same, it stays in the cell.
    """
    if isinstance(cell, str):
        if (several := listed(cell)) is not None:
            return [_without(one, file, finder) for one in several]
        if not holds_content(cell):
            return cell
        place = finder.place_of(cell)
        if place is None:
            return cell if cell[:5].lower() == "data:" else f"data:;base64,{cell}"
        return media_value(file, MediaPlace(at=place, length=len(cell)))
    if isinstance(cell, (list, tuple)):
        return [_without(one, file, finder) for one in cell]
    if isinstance(cell, Mapping):
        return {name: _without(one, file, finder) for name, one in cell.items()}
    return cell
