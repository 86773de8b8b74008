"""GSM8K's layout: a JSON object a line; its ``answer`` ends in a line ``#### n``."""

from __future__ import annotations

import json
import re
from pathlib import Path

from aisbench.api import DataError, Sample

_ANNOTATION = re.compile(r"<<[^<>\n]*>>")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_AGAIN = "the file is not as published; fetch it again: aisbench datasets fetch gsm8k"


def read_rows(file: Path, split: str) -> list[Sample]:
    """The samples of ``file``, with the ids ``split-0``, ``split-1``, ... by row.

    Raises DataError, naming file and line, for anything that is not the layout.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(
            f"{file}: cannot be read: {error.strerror}", hint="check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError(f"{file}:{line}: not UTF-8", hint=_AGAIN) from error
    # Not splitlines(): JSON strings may hold other line separators as they are.
    lines = text.rstrip("\r\n").split("\n")
    if lines == [""]:
        raise DataError(f"{file}: the file is empty", hint=_AGAIN)
    return [_sample(line, f"{split}-{row}", f"{file}:{row + 1}") for row, line in enumerate(lines)]


def _sample(line: str, name: str, place: str) -> Sample:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(
            f"{place}: not a JSON object ({error}); the line may be cut short", hint=_AGAIN
        ) from error
    if not isinstance(row, dict):
        raise DataError(f"{place}: not a JSON object", hint=_AGAIN)
    texts = [_text(row, key, place) for key in ("question", "answer")]
    worked, mark, last = texts[1].rpartition("####")
    if not mark:
        raise DataError(
            f"{place}: the answer has no line `#### NUMBER`",
            hint="in GSM8K's layout each worked solution ends with such a line",
        )
    final = last.strip().replace(",", "")
    if not _NUMBER.fullmatch(final):
        raise DataError(
            f"{place}: `{last.strip()}` after #### is not a number",
            hint="write digits, with a minus or a decimal point where needed: #### -2.5",
        )
    final = _plain(final)
    fields = {
        "question": texts[0].strip(),
        "answer": _ANNOTATION.sub("", worked).strip(),
        "final": final,
    }
    return Sample(id=name, fields=fields, target=final)


def _text(row: dict[str, object], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        found = ", ".join(map(str, row)) or "none"
        raise DataError(
            f"{place}: no text under {key!r} (keys: {found})",
            hint="each line needs question and answer, both strings",
        )
    return value


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
