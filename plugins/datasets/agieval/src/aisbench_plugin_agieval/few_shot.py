"""AGIEval's worked examples, as the authors publish them: a CSV file whose cells are literals of
Python, a column a task, a line for each example and one for its explanation below it."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError

_AGAIN = re.compile(r"\s+(?=[B-H]\. )")
_ENGLISH = ("lsat-", "sat-", "aqua-rat", "math", "logiqa-en", "gaokao-english")


def examples(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The examples of all tasks with options in ``few_shot_prompts.csv``: ``number`` from 1,
    ``said`` and ``shown``, the answer and the options as they are written. Raises DataError for a
    file that is not as published."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        header, *lines = csv.reader(opened)
    for place, task in enumerate(header[1:], 1):
        shown = zip(lines[::2], lines[1::2], strict=False)
        for number, (sample, explanation) in enumerate(shown, 1):
            if not sample[place].strip():
                continue
            row = _literal(file, task, sample[place])
            if row["options"]:
                why = explanation[place].replace("\n\n", "\n")
                row |= {"number": str(number), "said": str(row["label"]), "explanation": why}
                # Those of gaokao-geography stand in one text; they are shown as they stand.
                row["shown"] = " ".join(row["options"])
                row["options"] = [one for text in row["options"] for one in _AGAIN.split(text)]
                yield from _of_task(task, row)


def _of_task(task: str, row: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
    language = "en" if task.startswith(_ENGLISH) else "zh"
    yield {"task": task, "language": language, **row}
    if task == "sat-en":
        without = {**row, "passage": ""}
        yield {"task": "sat-en-without-passage", "language": language, **without}


def _literal(file: Path, task: str, cell: str) -> dict[str, Any]:
    try:
        found = ast.literal_eval(cell)
    except (SyntaxError, ValueError) as error:
        raise DataError(
            f"{file}: an example of {task!r} is no literal of Python ({error})",
            hint="the file is few_shot_prompts.csv of github.com/ruixiangcui/AGIEval (data)",
        ) from error
    if not isinstance(found, dict) or not {"question", "options", "label"} <= found.keys():
        raise DataError(f"{file}: an example of {task!r} has no question, options and label")
    return found
