"""LawBench's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aisbench.data import read_table

_LEFT_OUT = ("死刑", "无期")
"""Terms without months (3-4, 3-5), which the authors leave out."""


def counted(file: Path, split: str, part: str) -> Iterator[Mapping[str, Any]]:
    """The rows that the authors count: without sentences for life and to death, and without the
    one kind of dispute (2-2) that is none of the options."""
    for number, row in enumerate(read_table(file)):
        answer = str(row.cells["answer"])
        term = part in ("3-4", "3-5") and any(word in answer for word in _LEFT_OUT)
        if not term and not (part == "2-2" and answer[7:-1] == "赔偿"):
            yield {**row.cells, "number": number}
