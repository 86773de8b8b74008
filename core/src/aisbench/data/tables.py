"""Rows of a file of any known format.

JSONL (jsonlines.org), CSV (RFC 4180) and TSV in UTF-8, JSON, Parquet; all but the last also
compressed, with a further ``.gz``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.parquet import read_parquet
from aisbench.data.text import parse_json, read_text

FORMATS = (".jsonl", ".json", ".csv", ".tsv", ".parquet")


@frozen
class Row:
    """One row; ``place`` is file and line (or row), for messages."""

    place: str
    cells: Mapping[str, Any]


def read_table(
    file: Path,
    *,
    columns: Sequence[str] = (),
    records: str = "",
    files: Sequence[str] = (),
    hint: str = "",
) -> list[Row]:
    """The rows of ``file``, at least one.

    ``columns`` are the names of a CSV or TSV file's columns where its first line does not name
    them. ``records`` is the key under which a JSON file holds its list of rows; without it the
    file must be a list. ``files`` are columns that name pictures, sounds or films: what a Parquet
    file holds in them is copied out, and the cell is its path. ``hint`` is what to do about a
    file that is not as it should be.
    Raises DataError, naming file and line.
    """
    ending = (file.suffixes[-2:-1] if file.suffix == ".gz" else file.suffixes[-1:]) or [""]
    kind = ending[0].lower()
    if kind not in FORMATS:
        raise DataError(
            f"{file}: the ending {file.suffix or 'nothing'!r} is not that of a known format",
            hint="name the file .jsonl (a JSON object a line), .csv (columns named in line 1), "
            ".tsv, .json (a list of objects) or .parquet",
        )
    if kind == ".parquet":
        cells = read_parquet(file, hint, files)
        rows = [Row(f"{file}: row {number}", row) for number, row in enumerate(cells, 1)]
    else:
        text = read_text(file, hint=hint)
        if not text.strip():
            raise DataError(
                f"{file}: the file is empty", hint=hint or "put one row a line into it"
            )
        if kind == ".jsonl":
            rows = list(_jsonl(file, text, hint))
        elif kind == ".json":
            rows = _json(file, text, records, hint)
        else:
            rows = list(_csv(file, text, columns, "," if kind == ".csv" else "\t"))
    if not rows:
        raise DataError(
            f"{file}: there are no rows", hint=hint or "only the names of columns are there"
        )
    return rows


def whole_number(value: Any) -> int | None:
    """A positive integer, also as digits in quotes (all that CSV has); else None."""
    if isinstance(value, str):
        digits = value.strip()
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        return None
    return value


def _jsonl(file: Path, text: str, hint: str) -> Iterator[Row]:
    # Not splitlines(): JSON strings may hold other line separators unescaped.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{file}:{number}"
        row = parse_json(line, place, hint=hint)
        if not isinstance(row, dict):
            raise DataError(
                f"{place}: not a JSON object",
                hint=hint or 'write {"question": "...", ...} in each line',
            )
        yield Row(place, row)


def _json(file: Path, text: str, records: str, hint: str) -> list[Row]:
    found = parse_json(text, str(file), hint=hint or "the whole file must be one JSON value")
    if records and isinstance(found, dict):
        found = found.get(records)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        where = f"under {records!r}" if records else "in the file"
        raise DataError(
            f"{file}: no list of objects {where}",
            hint=hint or "write [{...}, {...}], one object a row",
        )
    return [Row(f"{file}: row {number}", row) for number, row in enumerate(found, 1)]


def _csv(file: Path, text: str, columns: Sequence[str], delimiter: str) -> Iterator[Row]:
    # The module's own limit would refuse a long document in a cell.
    before = csv.field_size_limit(max(len(text), 131072))
    lines = io.StringIO(text, newline="")
    try:
        yield from _csv_rows(file, csv.reader(lines, delimiter=delimiter, strict=True), columns)
    finally:
        csv.field_size_limit(before)


def _csv_rows(file: Path, reader: Any, columns: Sequence[str]) -> Iterator[Row]:
    names = list(columns)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"{file}:{first}: not CSV ({error})",
                hint='put cells with commas or line breaks into "...", and double the " in them',
            ) from error
        if cells is None:
            return
        if not cells:
            continue  # a blank line
        if not names:
            names = [cell.strip() for cell in cells]
            _check_header(names, f"{file}:{first}")
        elif len(cells) != len(names):
            wanted = "a row has" if columns else "line 1 names"
            raise DataError(
                f"{file}:{first}: {len(cells)} cells, and {wanted} {len(names)} columns",
                hint='put cells with commas or line breaks into "..."',
            )
        else:
            yield Row(f"{file}:{first}", dict(zip(names, cells, strict=True)))


def _check_header(names: list[str], place: str) -> None:
    for name in names:
        if not name or names.count(name) > 1:
            what = f"names two columns {name!r}" if name else "has a column without a name"
            raise DataError(
                f"{place}: the header {what}",
                hint="the first line of a CSV file gives each column a name of its own",
            )
