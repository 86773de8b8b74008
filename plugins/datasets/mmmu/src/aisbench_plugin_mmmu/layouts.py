"""The layouts in which MMMU and MMMU-Pro are given out, as rows of one form.

Parquet of Hugging Face has ``options`` as a list that Python wrote and pictures as ``image_1`` to
``image_7``, or ``image`` of the screenshots; VLMEvalKit's tables have the options in columns A to
J, and pictures in ``image``. Here all have ``options`` (a list), ``pictures`` (a list, the n-th of
which ``<image n>`` names) and ``subject``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table
from aisbench.literals import LiteralError, read_literal

_HINT = (
    "get MMMU/MMMU or MMMU/MMMU_Pro of the Hub, or MMMU_Pro_10c.tsv and MMMU_Pro_V.tsv as "
    "VLMEvalKit fetches them"
)
_NUMBERED = [f"image_{number}" for number in range(1, 8)]


def rows(file: Path, split: str, part: str) -> Iterator[Row]:
    """The rows of a file. Raises DataError, naming the row."""
    for row in read_table(file, files=["image", *_NUMBERED]):
        cells = dict(row.cells)
        _check(row.place, cells)
        cells["options"] = _options(row.place, cells)
        if "image" not in cells:
            cells["pictures"] = [cells.pop(name, None) for name in _NUMBERED]
            if not any(cells["pictures"]):
                raise DataError(f"{row.place}: no picture is in it", hint=_HINT)
        else:
            cells["pictures"] = cells.pop("image")
        cells.setdefault("index", cells.get("id"))
        cells.setdefault("id", cells["index"])
        cells.setdefault("subject", cells.get("category") or part)
        cells.setdefault("question", "")
        cells["answer"] = _answer(cells.get("answer"), bool(cells["options"]))
        yield Row(row.place, cells)


def _check(place: str, cells: dict[str, Any]) -> None:
    """Raises DataError for a file of another layout, whose rows would be asked without pictures
    or options."""
    for wanted in (("image", *_NUMBERED), ("options", "A")):
        if not any(name in cells for name in wanted):
            raise DataError(
                f"{place}: no column {' or '.join(map(repr, wanted[:2]))} (columns: "
                f"{', '.join(cells)})",
                hint=_HINT,
            )


def _answer(value: Any, chosen: bool) -> Any:
    """Null where the authors keep it ("?"); a list where several answers are right."""
    if value == "?":
        return None
    if isinstance(value, str) and value.startswith("[") and not chosen:
        try:
            return read_literal(value)
        except LiteralError:
            return value
    return value


def _options(place: str, cells: dict[str, Any]) -> list[str]:
    if "options" not in cells:
        own = [cells.pop(letter, None) for letter in ascii_uppercase if letter in cells]
        while own and own[-1] in (None, ""):
            own.pop()
        return [str(one) for one in own]
    value = cells["options"]
    if isinstance(value, str):
        try:
            value = read_literal(value)
        except LiteralError as error:
            raise DataError(f"{place}: options are no list of Python: {error}") from None
    value = list(value or ())
    if len(value) == 1 and isinstance(value[0], list):
        value = value[0]  # validation_Accounting_29 of MMMU-Pro has its list in a list
    return [str(one) for one in value]
