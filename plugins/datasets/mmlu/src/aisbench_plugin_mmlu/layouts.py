"""MMLU's rows as the authors' archive has them, and as Hugging Face does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table

_NAMES = ("question", "A", "B", "C", "D", "answer")
_HINT = "get it again from https://github.com/hendrycks/test (data.tar), or from cais/mmlu"


def questions(file: Path, split: str, part: str) -> Iterator[Row]:
    """Rows with ``question``, ``A`` to ``D``, and ``answer``, a letter: the authors' CSV files
    have no line of names; cais/mmlu has a list of ``choices`` and the number of the right one;
    lukaemon/mmlu calls the first and the last column ``input`` and ``target``. Raises DataError,
    naming file and line."""
    if file.suffix != ".parquet":
        yield from read_table(file, columns=_NAMES, hint=_HINT)
        return
    for row in read_table(file, hint=_HINT):
        cells = row.cells
        if "choices" in cells:
            yield Row(row.place, _listed(row))
        elif {"input", "target"} <= cells.keys():
            yield Row(row.place, {"question": cells["input"], **_lettered(cells)})
        else:
            raise DataError(
                f"{row.place}: neither cais/mmlu's columns nor lukaemon/mmlu's: "
                f"{', '.join(cells)}",
                hint=_HINT,
            )


def _listed(row: Row) -> dict[str, Any]:
    options, number = row.cells["choices"], row.cells.get("answer")
    fit = isinstance(options, list) and len(options) == 4
    if not fit or not isinstance(number, int) or number not in range(4):
        raise DataError(
            f"{row.place}: must have four choices and the number of one of them, "
            f"got {options!r:.60} and {number!r}",
            hint=_HINT,
        )
    return {
        "question": row.cells.get("question"),
        **dict(zip(ascii_uppercase, options, strict=False)),
        "answer": ascii_uppercase[number],
    }


def _lettered(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {**{letter: cells.get(letter) for letter in "ABCD"}, "answer": cells["target"]}
