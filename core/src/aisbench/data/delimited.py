"""CSV (RFC 4180) and TSV: rows of cells, whose columns the first line or the caller names."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.held_text import ByteLines
from aisbench.data.row import Row

_LONGEST = 2**31 - 1
"""The module's own limit would refuse a long document in a cell."""
_LIMIT = threading.Lock()
"""That limit is one for all threads, so they read one after the other."""


@frozen(kw_only=True)
class Delimited:
    """How a file is written: ``columns`` are names where the first line has none, and empty ones
    are left out; ``skip`` is how many lines stand before the first that counts; without
    ``quotes`` a quotation mark is a character like any other."""

    delimiter: str
    columns: Sequence[str] = ()
    skip: int = 0
    quotes: bool = True
    files: Sequence[str] = ()
    """Columns that may hold contents in base64."""


def read_delimited(file: Path, text: str | ByteLines, form: Delimited) -> list[Row]:
    """The rows of a text, or of the lines of ``file``, which may hold contents in base64 in the
    columns ``form.files``. Raises DataError, naming file and line."""
    lines: Iterator[str] = io.StringIO(text, newline="") if isinstance(text, str) else text
    for _ in range(form.skip):
        next(lines, None)
    reader = csv.reader(
        lines,
        delimiter=form.delimiter,
        quoting=csv.QUOTE_MINIMAL if form.quotes else csv.QUOTE_NONE,
        strict=form.quotes,
    )
    rows = _rows(file, reader, form)
    with _LIMIT:
        before = csv.field_size_limit(_LONGEST)
        try:
            if isinstance(text, str):
                return list(rows)
            return [text.row(row, form.files) for row in rows]
        finally:
            csv.field_size_limit(before)


def _rows(file: Path, reader: Any, form: Delimited) -> Iterator[Row]:
    names = list(form.columns)
    kept = _kept(names)
    while True:
        first = reader.line_num + 1 + form.skip
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"{file}:{first}: not CSV ({error})",
                hint='put cells with commas or line breaks into "...", and double the " in them; '
                'a declared data set whose " is a character like any other says quotes = false in '
                "[rows]",
            ) from error
        if cells is None:
            return
        if not cells:
            continue  # a blank line
        if not names:
            names = _header(cells, f"{file}:{first}")
        elif len(cells) != len(names):
            wanted = "a row has" if form.columns else f"line {1 + form.skip} names"
            raise DataError(
                f"{file}:{first}: {len(cells)} cells, and {wanted} {len(names)} columns",
                hint=_separated(names, form) or 'put cells with commas or line breaks into "..."',
            )
        elif kept is None:
            yield Row(f"{file}:{first}", dict(zip(names, cells, strict=True)))
        else:
            yield Row(f"{file}:{first}", {names[place]: cells[place] for place in kept})


def _separated(names: Sequence[str], form: Delimited) -> str:
    """What to do about a file whose only column seems to be several."""
    other, kind = ("\t", "tsv") if form.delimiter == "," else (",", "csv")
    if len(names) > 1 or other not in names[0]:
        return ""
    what = "tabs" if kind == "tsv" else "commas"
    return f'line 1 is separated by {what}: name the file .{kind}; in [rows] format = "{kind}"'


def _kept(names: Sequence[str]) -> list[int] | None:
    """The places of the columns that have a name, where not all have one."""
    return None if all(names) else [place for place, name in enumerate(names) if name]


def _header(cells: Sequence[str], place: str) -> list[str]:
    """The names in a header. A column without one, as pandas writes an index, is called
    ``column_N`` after its place, from 1."""
    names = [cell.strip() or f"column_{number}" for number, cell in enumerate(cells, 1)]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"{place}: the header names two columns {name!r}",
                hint="the first line of a CSV file gives each column a name of its own",
            )
    return names
