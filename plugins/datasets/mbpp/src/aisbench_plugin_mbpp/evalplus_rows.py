"""Rows in evalplus's own layout, for declared sets: ``rows = { use = "...:rows" }``."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.api import DataError, JsonValue

INPUTS = ("base_input", "plus_input")


def rows(file: Path, split: str, part: str) -> Iterator[Mapping[str, JsonValue]]:
    """The rows of a file in JSON lines, perhaps gzipped. Inputs stay JSON as text: they hold
    Infinity and NaN, which JSON proper does not know. Raises DataError for a line that is none."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row: Any = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(
                    f"{file}:{number}: not JSON ({error})",
                    hint="is the file whole? get it again",
                ) from None
            yield {
                name: json.dumps(value) if name in INPUTS else value for name, value in row.items()
            }
