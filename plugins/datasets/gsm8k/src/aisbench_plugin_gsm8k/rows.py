"""GSM8K's layout: a JSON object a line; its ``answer`` ends in a line ``#### n``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from aisbench.api import DataError, Sample
from aisbench.data import Row, read_table

_ANNOTATION = re.compile(r"<<[^<>\n]*>>")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_AGAIN = "the file is not as published; fetch it again: aisbench datasets fetch gsm8k"


def read_rows(file: Path, split: str) -> list[Sample]:
    """The samples of ``file``, with the ids ``split-0``, ``split-1``, ... by row.

    Raises DataError, naming file and line, for anything that is not the layout.
    """
    rows = read_table(file, hint=_AGAIN)
    return [_sample(row, f"{split}-{number}") for number, row in enumerate(rows)]


def _sample(row: Row, name: str) -> Sample:
    place = row.place
    texts = [_text(row.cells, key, place) for key in ("question", "answer")]
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
    return Sample(id=name, fields=fields, target=final, place=place)


def _text(row: Mapping[str, object], key: str, place: str) -> str:
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
