"""Files of rows, with every fault told by file and line."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from aisbench.api import DataError
from aisbench.data import read_text

_WHOLE = re.compile(r"-?[0-9]+(\.0*)?")


@define
class RecordedRequest:
    """One request of a trace. ``line`` counts from 1; lengths are tokens, None where not told."""

    line: int
    at_ns: int
    input_length: int | None
    output_length: int | None
    detail: Any = field(default=None)
    """What only its own format has."""
    id: str = ""
    """What others call it; empty: by its line."""
    session: str = ""
    """The session that it is a step of; empty: of none."""
    after: tuple[str, ...] = ()
    """The ids of the steps that it waits for."""
    pauses: Mapping[str, int] = field(factory=dict)
    """How long it waits behind them, in ns by kind."""
    timed: bool = False
    """Whether a step that waits for others is also due no earlier than it was recorded."""
    labels: Mapping[str, str] = field(factory=dict)


@frozen
class Place:
    """A row in a file."""

    file: Path
    line: int

    def fault(self, message: str, hint: str) -> DataError:
        """The error to raise."""
        return DataError(f"{self.file}:{self.line}: {message}", hint=hint)


def read_trace(file: Path, source: str) -> str:
    """The whole file. ``source`` says where such files come from. Raises DataError."""
    if file.is_dir():
        raise DataError(f"{file}: is a folder", hint="name the trace's file in it as `path`")
    if not file.exists():
        raise DataError(f"{file}: does not exist", hint=source)
    text = read_text(file, hint=f"the file is damaged; {source}")
    if not text.strip():
        raise DataError(f"{file}: the file is empty", hint=source)
    return text


def json_lines(text: str, file: Path) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The objects of a JSONL file; blank lines are passed over."""
    # Not splitlines(): JSON strings may hold other line separators as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = Place(file, number)
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise place.fault(
                f"not a JSON object ({error})",
                "each line must be one; it may be cut short",
            ) from error
        if not isinstance(row, dict):
            raise place.fault("not a JSON object", "each line must be one, in braces")
        yield place, row


def json_objects(text: str, file: Path) -> list[tuple[Place, dict[str, Any]]]:
    """The objects of a file that is one JSON object, or a list of them, or has one a line."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return list(json_lines(text, file))
    found = whole if isinstance(whole, list) else [whole]
    if not all(isinstance(one, dict) for one in found):
        raise Place(file, 1).fault("not JSON objects", "a trace is one object, or a list of them")
    return [(Place(file, 1), one) for one in found]


def block_parts(
    ids: object, size: int, length: int, place: Place, scope: str = "", own: str = ""
) -> list[tuple[str, int]]:
    """The texts of a prompt of ``length`` tokens by its blocks of ``size``, whose ids mean the
    same wherever ``scope`` is the same. The last block may be shorter, and what lies behind it is
    the row's ``own``. Raises DataError for ids that do not fit."""
    if not isinstance(ids, list) or not set(map(type, ids)) <= {int}:
        raise place.fault("hash_ids is not a list of whole numbers", "one for each block")
    rest = length - len(ids) * size
    named = [(f"{scope}block/{one}", size) for one in ids]
    wrong = f"input length {length} with {len(ids)} hash_ids of {size} tokens"
    if rest >= size and ids and not own:
        raise place.fault(
            f"{wrong} leaves {rest} tokens without an id",
            "the trace may have blocks of another size: set block_size",
        )
    if rest <= -size and not own:
        raise place.fault(
            f"{wrong} is {-rest} tokens short",
            "the trace may have blocks of another size: set block_size",
        )
    if rest > 0:
        return [*named, (f"{scope}rest/{own or place.line}", rest)]
    found = []
    for key, count in named:
        if length > 0:
            found.append((key, min(count, length)))
        length -= count
    return found


def csv_rows(
    text: str, file: Path, columns: Sequence[str], source: str
) -> Iterator[tuple[Place, Mapping[str, str]]]:
    """The named columns of a CSV file with a header; there may be others."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] | None = None
    try:
        for cells in reader:
            place = Place(file, reader.line_num)
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                if missing := [name for name in columns if name not in header]:
                    absent = ", ".join(map(repr, missing))
                    raise place.fault(
                        f"no column {absent} (columns: {', '.join(header)})",
                        f"the first line must name the columns {', '.join(columns)}; {source}",
                    )
                places = [header.index(name) for name in columns]
                continue
            if len(cells) != len(header):
                raise place.fault(
                    f"{len(cells)} cells, where the header has {len(header)}",
                    "the line may be cut short",
                )
            yield place, {name: cells[at] for name, at in zip(columns, places, strict=True)}
    except csv.Error as error:
        raise Place(file, reader.line_num).fault(f"not CSV ({error})", source) from error


def length_of(value: object, name: str, place: Place, least: int = 1) -> int:
    """A number of tokens, from JSON or from a cell."""
    number = value
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        number = int(value.strip().partition(".")[0])
    if isinstance(number, bool) or not isinstance(number, int):
        raise place.fault(
            f"{name} is {value!r}, which is not a whole number", "write tokens as digits"
        )
    if number < least:
        raise place.fault(
            f"{name} is {number}; it must be {least} or more", "mend or drop the row"
        )
    return number


def nanoseconds(value: object, unit_ns: int, name: str, place: Place) -> int:
    """An instant in ns; ``unit_ns`` is how many of them its unit has."""
    wrong = place.fault(
        f"{name} is {value!r}, which is not a number", "write the time as a number"
    )
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise wrong
    if isinstance(value, int):
        return value * unit_ns
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong
    try:
        exact = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise wrong from error
    if not exact.is_finite():
        raise wrong
    return round(exact * unit_ns)
