"""MMLU-Redux's rows: which of them are asked, and which option is right.

What ``error_type`` and ``correct_answer`` mean: A. P. Gema et al. 2024 (arXiv:2406.04127).
The annotators wrote ``correct_answer`` by hand: an index from 0, a letter, several of them
("0 and 2", "(A, C)"), or the text of an option.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import DataError
from aisbench.data import read_table

_SOUND = "ok"
_WRONG_KEY = frozenset({"wrong_groundtruth", "multiple_correct_answers"})
_NO_ANSWER = "no_correct_answer"
_SEVERAL = re.compile(r"\s*(?:,|;|/|\band\b|\bor\b|\s)\s*", re.IGNORECASE)
_HINT = "read the files of edinburgh-dawg/mmlu-redux-2.0 (or mmlu-redux) as they are"


def rows(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """Rows with their right options under ``right`` (indices from 0).

    Of the split "test" those without an error; of "corrected" also those whose key was wrong or
    not alone, and those of which the annotators wrote down the answer that was missing (it takes
    the place of the key's option). Rows that are unclear, and those without a correction, are not
    asked: nobody knows what is right. Raises DataError.
    """
    for number, row in enumerate(_read(file), 1):
        try:
            found = _right(row, corrected=split == "corrected")
        except KeyError as error:
            message = f"{file}: row {number} has no {error.args[0]!r}: not one of MMLU-Redux"
            raise DataError(message, hint=_HINT) from error
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{file}: row {number} is not one of MMLU-Redux ({error})", hint=_HINT
            ) from error
        if found is not None:
            yield {**row, **found, "id": f"{part}-{number}"}


def _read(file: Path) -> list[dict[str, Any]]:
    if file.suffix == ".parquet":
        return [dict(row.cells) for row in read_table(file, hint=_HINT)]
    try:
        import pyarrow
        import pyarrow.ipc
    except ImportError as error:
        raise DataError(
            f"{file}: Arrow files need pyarrow, which is not installed", hint="pip install pyarrow"
        ) from error
    try:
        with pyarrow.OSFile(str(file)) as opened:
            table = pyarrow.ipc.open_stream(opened).read_all()
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(f"{file}: not an Arrow stream ({error})", hint=_HINT) from error
    return list(table.to_pylist())


def _right(row: Mapping[str, Any], *, corrected: bool) -> dict[str, Any] | None:
    """The options and the places of the right ones; None for a row that is not asked."""
    options, key = list(row["choices"]), int(row["answer"])
    kind, written = row["error_type"], str(row.get("correct_answer") or "").strip()
    if kind == _SOUND:
        return {"choices": options, "right": [key]}
    if not corrected or not written:
        return None
    if kind == _NO_ANSWER:
        options[key] = written
        return {"choices": options, "right": [key]}
    if kind in _WRONG_KEY:
        places = _places(written, options)
        return {"choices": options, "right": places} if places else None
    return None


def _places(written: str, options: Sequence[str]) -> list[int]:
    if written in options:
        return [options.index(written)]
    found = set()
    for one in _SEVERAL.split(written.strip("()[] .")):
        word = one.strip("()[].'\"")
        if word.isdecimal() and int(word) < len(options):
            found.add(int(word))
        elif len(word) == 1 and word.upper() in "ABCD"[: len(options)]:
            found.add("ABCD".index(word.upper()))
        elif word:
            return []
    return sorted(found)
