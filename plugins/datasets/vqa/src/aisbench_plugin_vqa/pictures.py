"""Where a row's picture is: inside the table, or a file beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table
from aisbench.literals import LiteralError, read_literal


def table(file: Path, records: str = "", hint: str = "") -> list[Row]:
    """The rows of a file in any format; contents of the column ``image`` stay where they are, and
    lists that a TSV file holds as text are lists."""
    own = records if file.suffix == ".json" else ""
    rows = read_table(file, records=own, files=("image",), hint=hint)
    if file.suffix != ".tsv":
        return rows
    return [Row(row.place, {**row.cells, **_unpacked(row)}) for row in rows]


def _unpacked(row: Row) -> dict[str, Any]:
    """The cell ``answer`` of VLMEvalKit: a list as Python writes it, or a text."""
    said = row.cells.get("answer")
    if not isinstance(said, str) or not said.startswith("["):
        return {}
    try:
        return {"answer": read_literal(said)}
    except LiteralError:
        return {}  # A formula, say, which begins with a bracket.


def picture(name: Any, folders: Sequence[Path]) -> str:
    """The file of that name in the first folder (or zip archive) that has it; else where it
    should be, which is told once the row is read."""
    for folder in folders:
        if (folder / str(name)).is_file() or (folder.suffix == ".zip" and folder.is_file()):
            return str(folder / str(name))
    return str(folders[0] / str(name))


def listed(row: Row, *names: str) -> list[Any]:
    """The first of the cells that says something: a list, or a value as one of one."""
    for name in names:
        value = row.cells.get(name)
        if isinstance(value, (list, tuple)) and value:
            return list(value)
        if value not in (None, "", [], ()):
            return [value]
    return []


def joined(value: Any) -> str | None:
    """A cell that may be a list of kinds, as one name; None: nothing is said."""
    words = [str(one) for one in value if one] if isinstance(value, (list, tuple)) else [value]
    return " + ".join(map(str, filter(None, words))) or None


def shown(row: Row, hint: str) -> Any:
    """The picture of a row of a table: in it, by the index of another row, or by VLMEvalKit's
    ``image_path`` (a list, as a text could be an index). Raises DataError for a row without."""
    inside = cell(row, ("image", "image_path"), hint)
    if "image" in row.cells and inside not in (None, "", []):
        return inside
    if (named := row.cells.get("image_path")) not in (None, "", []):
        return [named] if isinstance(named, str) and not named.startswith("[") else named
    raise DataError(f"{row.place}: there is no picture", hint=hint)


def cell(row: Row, names: Sequence[str], hint: str) -> Any:
    """The first of the columns that the row has. Raises DataError where it has none of them."""
    for name in names:
        if name in row.cells:
            return row.cells[name]
    raise DataError(
        f"{row.place}: no column {' or '.join(map(repr, names))} (columns: "
        f"{', '.join(row.cells)})",
        hint=hint,
    )
