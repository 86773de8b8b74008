"""JSON lines some of whose cells stay JSON."""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.base.errors import DataError
from aisbench.types.json import JsonValue


def rows_with_raw(file: Path, raw: Collection[str]) -> Iterator[Mapping[str, JsonValue]]:
    """The rows of a file of JSON lines, perhaps gzipped, with the columns ``raw`` as JSON texts:
    such cells may hold Infinity and NaN, which JSON proper does not know. Raises DataError, with
    file and line, for a line that is none."""
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
            if not isinstance(row, dict):
                raise DataError(f"{file}:{number}: is no object")
            yield {name: json.dumps(cell) if name in raw else cell for name, cell in row.items()}
