"""Files of JSON: one list, or one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import read_text

_UNUSABLE = "the file is not in the layout of the README; if it was fetched, fetch it again"


def read_objects(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a JSON list or of JSONL, with its place for messages.

    Which of the two it is tells the first character, for both go by the ending ``.json``.
    Raises DataError.
    """
    text = _read(file)
    if text.lstrip()[:1] == "[":
        try:
            rows = json.loads(text)
        except ValueError as error:
            line = getattr(error, "lineno", 1)
            raise DataError(f"{file}:{line}: not JSON ({error})", hint=_UNUSABLE) from error
        except RecursionError as error:
            raise DataError(f"{file}: JSON nested too deep", hint=_UNUSABLE) from error
        del text  # hundreds of megabytes in the published file
        for index, row in enumerate(rows):
            place = f"{file}: entry {index} of the list"
            yield place, _object(row, place)
        return
    # Not splitlines(): JSON strings may hold other line separators as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{file}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{place}: not a JSON object ({error})", hint=_UNUSABLE) from error
            yield place, _object(row, place)


def _object(row: Any, place: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise DataError(f"{place}: not a JSON object", hint=_UNUSABLE)
    return row


def _read(file: Path) -> str:
    text = read_text(file, hint="write the file in UTF-8")
    if not text.strip():
        raise DataError(f"{file}: the file is empty", hint=_UNUSABLE)
    return text
