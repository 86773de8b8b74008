"""Reading a table: JSONL (jsonlines.org) or CSV with a header (RFC 4180), both in UTF-8."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from attrs import frozen

from aisbench.api import DataError


@frozen
class Row:
    """One row; ``place`` is file and line, for messages."""

    place: str
    cells: Mapping[str, Any]


def read_table(file: Path) -> list[Row]:
    """The rows of ``file``, at least one. Raises DataError, naming file and line."""
    readers = {".jsonl": _jsonl, ".csv": _csv}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise DataError(
            f"{file}: the ending {file.suffix or 'nothing'!r} tells no format",
            hint="name the file .jsonl (a JSON object a line) or .csv (columns named in line 1)",
        )
    text = read_text(file)
    if not text.strip():
        raise DataError(f"{file}: the file is empty", hint="put one row a line into it")
    rows = list(reader(file, text))
    if not rows:
        raise DataError(f"{file}: there are no rows", hint="only the names of columns are there")
    return rows


def read_text(file: Path) -> str:
    """The text of ``file``, without a byte order mark. Raises DataError."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(
            f"{file}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError(
            f"{file}:{line}: not UTF-8", hint="save the file in UTF-8, e.g. with iconv"
        ) from error


def parse_json(text: str, place: str) -> Any:
    """``text`` as strict JSON whose strings can be sent. Raises DataError."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        if "\\u" in text:
            # Half of a surrogate pair passes json, and no request can carry it.
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"{place}: half of a surrogate pair, {error.object[error.start]!r}",
            hint="write the whole character, or both halves",
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{place}: not JSON ({error})", hint="write one JSON object a line, in double quotes"
        ) from error
    return value


def whole_number(value: Any) -> int | None:
    """A positive integer, also as digits in quotes (all that CSV has); else None."""
    if isinstance(value, str):
        digits = value.strip()
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        return None
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _jsonl(file: Path, text: str) -> Iterator[Row]:
    # Not splitlines(): JSON strings may hold other line separators as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{file}:{number}"
        row = parse_json(line, place)
        if not isinstance(row, dict):
            raise DataError(
                f"{place}: not a JSON object", hint='write {"question": "...", ...} in each line'
            )
        yield Row(place, row)


def _csv(file: Path, text: str) -> Iterator[Row]:
    # The limit is the module's: it would refuse a long document in a cell.
    before = csv.field_size_limit(max(len(text), 131072))
    try:
        yield from _csv_rows(file, csv.reader(io.StringIO(text, newline=""), strict=True))
    finally:
        csv.field_size_limit(before)


def _csv_rows(file: Path, reader: Any) -> Iterator[Row]:
    names: list[str] = []
    while True:
        place = f"{file}:{reader.line_num + 1}"
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise DataError(
                f"{place}: not CSV ({error})",
                hint='put cells with commas or line breaks into "...", and double the " in them',
            ) from error
        if cells is None:
            return
        if not cells:
            continue  # a blank line
        if not names:
            names = [cell.strip() for cell in cells]
            _check_header(names, place)
        elif len(cells) != len(names):
            raise DataError(
                f"{place}: {len(cells)} cells, and line 1 names {len(names)} columns",
                hint='put cells with commas or line breaks into "..."',
            )
        else:
            yield Row(place, dict(zip(names, cells, strict=True)))


def _check_header(names: list[str], place: str) -> None:
    for name in names:
        if not name or names.count(name) > 1:
            what = f"names two columns {name!r}" if name else "has a column without a name"
            raise DataError(
                f"{place}: the header {what}",
                hint="the first line of a CSV file gives each column a name of its own",
            )
