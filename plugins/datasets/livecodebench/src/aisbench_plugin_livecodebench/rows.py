"""LiveCodeBench's rows, with what its prompts say of the form of an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError, JsonValue

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
_NEEDED = ("question_content", "question_id", "contest_date", "starter_code", "difficulty")


def read(file: Path, split: str, part: str) -> Iterator[Mapping[str, JsonValue]]:
    """The rows of one version. Private tests stay packed: unpacked they would be gigabytes. Raises
    DataError."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _row(line, f"{file}:{number}")


def _row(line: str, place: str) -> Mapping[str, JsonValue]:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON ({error})", hint="is the file whole?") from None
    missing = [name for name in _NEEDED if not isinstance(row, dict) or name not in row]
    if missing:
        raise DataError(
            f"{place}: no column {missing[0]!r}",
            hint="the files of code_generation_lite have it; those of other scenarios are others",
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
