"""TruthfulQA's questions in the layouts of its authors and of Hugging Face.

The authors' ``mc_task.json`` maps each answer to 1 or 0; the Parquet files have a list of answers
and one of labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import read_table

_HINT = (
    "read mc_task.json of github.com/sylinrl/TruthfulQA, or multiple_choice/*.parquet of the hub"
)


def mc1(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The questions with one right answer; ``options`` and ``flags``. Raises DataError."""
    return _rows(file, "mc1_targets")


def mc2(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The questions with all their right answers; ``options`` and ``flags``. Raises DataError."""
    return _rows(file, "mc2_targets")


def _rows(file: Path, name: str) -> Iterator[Mapping[str, Any]]:
    for row in read_table(file, hint=_HINT):
        found = row.cells.get(name)
        if not isinstance(found, Mapping) or not found or "question" not in row.cells:
            raise DataError(f"{row.place}: has no question with {name}", hint=_HINT)
        if found.keys() == {"choices", "labels"}:
            options, flags = list(found["choices"]), list(found["labels"])
        else:
            options, flags = list(found), list(found.values())
        yield {**row.cells, "options": options, "flags": flags}
