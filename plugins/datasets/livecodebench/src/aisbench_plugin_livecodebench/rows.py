"""LiveCodeBench's rows, with what its prompts say of the form of an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aisbench.api import DataError, JsonValue
from aisbench.data import Row, long_text

WITH_STARTER = (
    "You will use the following starter code to write the solution to the problem and enclose "
    "your code within delimiters."
)
"""The authors' words (lcb_runner/prompts/code_generation.py at 28fef95), as the next."""
WITHOUT_STARTER = (
    "Read the inputs from stdin solve the problem and write the answer to stdout (do not directly "
    "test on the sample inputs). Enclose your code within delimiters as follows. Ensure that when "
    "the python program runs, it reads the inputs, runs the algorithm and writes output to STDOUT."
)
PRIVATE = "private_test_cases"
_NEEDED = (
    "question_content", "question_id", "contest_date", "starter_code", "difficulty",
    "public_test_cases", PRIVATE,
)  # fmt: skip


def read(file: Path, split: str, part: str) -> Iterator[Row]:
    """The rows of one version, a line at a time: its private tests, which are most of a file of a
    gigabyte, stay there until an answer is scored. Raises DataError."""
    try:
        with file.open("rb") as lines:
            at = 0
            for number, line in enumerate(lines, 1):
                if line.strip():
                    cells = _cells(line, f"{file}:{number}")
                    if isinstance(tests := cells.get(PRIVATE), str):
                        cells[PRIVATE] = long_text(tests, file, at, len(line), PRIVATE)
                    yield Row(f"{file}:{number}", cells)
                at += len(line)
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror or error}") from None


def _cells(line: bytes, place: str) -> dict[str, JsonValue]:
    try:
        row: Any = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DataError(f"{place}: not UTF-8", hint="get the file again") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON ({error})", hint="is the file whole?") from None
    if not isinstance(row, dict):
        raise DataError(
            f"{place}: {type(row).__name__}, not an object", hint="each line is one problem"
        )
    if missing := [name for name in _NEEDED if name not in row]:
        raise DataError(
            f"{place}: no column {missing[0]!r}",
            hint="the files of code_generation_lite have it; those of other scenarios are others",
        )
    if not row[PRIVATE]:
        raise DataError(
            f"{place}: {PRIVATE} is empty", hint="public tests alone would give other figures"
        )
    month = re.match(r"(\d{4})-(\d\d)", str(row["contest_date"]))
    if month is None:
        raise DataError(
            f"{place}: contest_date is {row['contest_date']!r}", hint="it begins with 2024-08-31"
        )
    starter = row["starter_code"]
    words = WITH_STARTER if starter else WITHOUT_STARTER
    code = f"```python\n{starter or '# YOUR CODE HERE'}\n```\n\n"
    return {
        **row,
        "contest_month": int(month[1] + month[2]),
        "format": f"### Format: {words}\n{code}"[:-1],
        "plain_format": f"{words}\n{code}",
    }
