"""Rows of a file of any known format.

JSONL (jsonlines.org), CSV (RFC 4180) and TSV in UTF-8, JSON, Parquet, Arrow, plain lines; all but
Parquet and Arrow also compressed, with a further ``.gz``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from aisbench.base.errors import DataError
from aisbench.data.delimited import Delimited, read_delimited
from aisbench.data.held_text import ByteLines, rows_without_contents
from aisbench.data.parquet import read_parquet
from aisbench.data.paths import MissingPart, read_path, value_at
from aisbench.data.row import Row
from aisbench.data.streaming import json_items, text_lines
from aisbench.data.text import parse_json, read_text, refuse_stand_ins

FORMATS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".arrow")


def read_table(
    file: Path,
    *,
    columns: Sequence[str] = (),
    records: str = "",
    files: Sequence[str] = (),
    hint: str = "",
    kind: str = "",
    skip: int = 0,
    quotes: bool = True,
    key: str = "",
    single: bool = False,
) -> list[Row]:
    """The rows of ``file``, at least one.

    ``columns`` are the names of a CSV or TSV file's columns where its first line does not name
    them, or of what is in JSON rows that are lists; empty ones are left out. ``records`` is the
    key, or the path, under which a JSON file holds its list of rows; without it the file must be
    a list. ``files`` are columns that name or hold pictures, sounds or films: of contents the
    cell says where in the file they are (see :func:`aisbench.data.media_at`). ``hint`` is what to
    do about a file that is not as it should be.

    ``kind`` is the format ("jsonl", "json", "csv", "tsv", "parquet", "lines") where the ending
    is not that; "lines" makes each line a row with the column that ``columns`` names, or
    ``line``.
    ``skip`` is how many lines stand before the first that counts (of JSON and Parquet: rows).
    Without ``quotes`` a quotation mark in CSV or TSV is a character like any other. With ``key`` a
    JSON file is an object of rows, whose keys become that column. With ``single`` it may also be
    one row.
    Raises DataError, naming file and line.
    """
    kind = kind or kind_of(file)
    refuse_stand_ins(file)
    held = bool(files) and file.suffix != ".gz"
    if kind in ("parquet", "arrow"):
        cells = read_parquet(file, hint, files)[skip:]
        rows = [Row(f"{file}: row {number}", row) for number, row in enumerate(cells, skip + 1)]
    elif kind in ("csv", "tsv"):
        form = Delimited(
            delimiter="," if kind == "csv" else "\t",
            columns=columns,
            skip=skip,
            quotes=quotes,
            files=files,
        )
        lines = ByteLines(file, hint) if held else _text(file, hint)
        rows = read_delimited(file, lines, form)
    elif kind == "jsonl":
        rows = _jsonl_rows(file, hint, files if held else (), columns)[skip:]
    elif kind == "json":
        rows = _json(file, records, hint, key, single, columns)[skip:]
        rows = rows_without_contents(rows, file, files) if held else rows
    else:
        rows = list(_lines(file, _text(file, hint), columns))[skip:]
    if not rows:
        raise DataError(
            f"{file}: there are no rows", hint=hint or "only the names of columns are there"
        )
    return rows


def stream_table(file: Path, *, hint: str = "") -> Iterator[Row]:
    """The rows of ``file`` one after the other; of JSON lines one at a time is in memory.

    Raises DataError, naming file and line, also after some rows.
    """
    if kind_of(file) != "jsonl":
        yield from read_table(file, hint=hint)
        return
    row = None
    for row in _jsonl(file, text_lines(file, hint=hint), hint, ()):
        yield row
    if row is None:
        _empty(file, hint)


def kind_of(file: Path) -> str:
    """The format of a file by its ending, without a further .gz. Raises DataError."""
    ending = (file.suffixes[-2:-1] if file.suffix == ".gz" else file.suffixes[-1:]) or [""]
    kind = ending[0].lower()
    if kind not in FORMATS:
        raise DataError(
            f"{file}: the ending {file.suffix or 'nothing'!r} is not that of a known format",
            hint="name the file .jsonl (a JSON object a line), .csv (columns named in line 1), "
            ".tsv, .json (a list of objects), .parquet or .arrow",
        )
    return kind[1:]


def whole_number(value: Any) -> int | None:
    """A positive integer, also as digits in quotes (all that CSV has); else None."""
    if isinstance(value, str):
        digits = value.strip()
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        return None
    return value


def _jsonl_rows(file: Path, hint: str, files: Sequence[str], columns: Sequence[str]) -> list[Row]:
    """The rows of JSON a line; ``files`` are columns whose contents are not kept."""
    if not files:
        return list(_jsonl(file, text_lines(file, hint=hint), hint, columns)) or _empty(file, hint)
    told = ByteLines(file, hint)
    return [told.row(row, files) for row in _jsonl(file, told, hint, columns)]


def _lines(file: Path, text: str, columns: Sequence[str]) -> Iterator[Row]:
    name = columns[0] if columns else "line"
    lines = text.split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    for number, line in enumerate(lines, 1):
        yield Row(f"{file}:{number}", {name: line.rstrip("\r")})


def _text(file: Path, hint: str) -> str:
    text = read_text(file, hint=hint)
    return _empty(file, hint) if not text or text.isspace() else text


def _empty(file: Path, hint: str) -> NoReturn:
    raise DataError(f"{file}: the file is empty", hint=hint or "put one row a line into it")


def _jsonl(file: Path, lines: Iterable[str], hint: str, columns: Sequence[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        place = f"{file}:{number}"
        row = parse_json(line, place, hint=hint)
        if columns and isinstance(row, list):
            row = _with_names(place, row, columns, hint)
        if not isinstance(row, dict):
            raise DataError(
                f"{place}: not a JSON object",
                hint=hint or 'write {"question": "...", ...} in each line',
            )
        yield Row(place, row)


def _with_names(place: str, cells: list[Any], columns: Sequence[str], hint: str) -> dict[str, Any]:
    """A row that JSON holds as a list."""
    if len(cells) != len(columns):
        raise DataError(
            f"{place}: a list of {len(cells)}, and a row has {len(columns)} columns", hint=hint
        )
    return {name: cell for name, cell in zip(columns, cells, strict=True) if name}


def _all_with_names(file: Path, rows: list[Any], columns: Sequence[str], hint: str) -> list[Any]:
    return [
        _with_names(f"{file}: row {number}", one, columns, hint) if isinstance(one, list) else one
        for number, one in enumerate(rows, 1)
    ]


def _json(
    file: Path, records: str, hint: str, key: str, single: bool, columns: Sequence[str]
) -> list[Row]:
    found = json_items(file) or _json_value(file, hint)
    if records and isinstance(found, dict):
        found = _records(file, found, records, hint)
    if key and isinstance(found, dict):
        return _keyed(file, found, key, hint)
    if single and isinstance(found, dict):
        found = [found]
    if columns and isinstance(found, list):
        found = _all_with_names(file, found, columns, hint)
    if not _are_rows(found):
        where = f"under {records!r}" if records else "in the file"
        raise DataError(
            f"{file}: no list of objects {where}{_what_else(found)}",
            hint=hint or "write [{...}, {...}], one object a row",
        )
    return [Row(f"{file}: row {number}", row) for number, row in enumerate(found, 1)]


def _json_value(file: Path, hint: str) -> Any:
    text = _text(file, hint)
    whole = "the whole file must be one JSON value"
    return parse_json(text, str(file), hint=_by_line(text) or hint or whole)


def _are_rows(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(one, dict) for one in found)


def _what_else(found: Any) -> str:
    """What JSON is that is no list of rows, and what in it may be one."""
    if isinstance(found, list) and found and isinstance(found[0], list):
        return ": its rows are lists; columns.names names what is in them"
    if not isinstance(found, dict) or not found:
        return ""
    lists = [name for name, one in found.items() if isinstance(one, list) and one]
    inside = next((name for name in lists if isinstance(found[name][0], (dict, list))), None)
    records = "" if inside is None else f"; rows may be under columns.records = {inside!r}"
    return f": it is an object with {', '.join(list(found)[:8])}{records}"


def _by_line(text: str) -> str:
    """What to do about text that is no JSON, where its first line is."""
    first, _, rest = text.lstrip().partition("\n")
    if not rest.strip():
        return ""
    try:
        parse_json(first, "")
    except DataError:
        return ""
    return 'the file has a JSON value in each line: name it .jsonl; in [rows] format = "jsonl"'


def _records(file: Path, found: Mapping[str, Any], records: str, hint: str) -> Any:
    if records in found:
        return found[records]
    try:
        return value_at(read_path(records), found)
    except (MissingPart, ValueError) as error:
        raise DataError(
            f"{file}: no list of objects under {records!r}: {error}", hint=hint
        ) from None


def _keyed(file: Path, found: Mapping[str, Any], key: str, hint: str) -> list[Row]:
    rows = []
    for name, cells in found.items():
        place = f"{file}: {name!r}"
        if not isinstance(cells, dict):
            cells = {"value": cells}
        if key in cells and cells[key] != name:
            raise DataError(
                f"{place}: the row has a {key!r} of its own",
                hint="call the column of the keys otherwise",
            )
        rows.append(Row(place, {key: name, **cells}))
    return rows
