"""The answers of corpus/ (its README says what their fields mean)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

FOLDER = Path(__file__).resolve().parent / "corpus"
LANGUAGES = ("en", "zh")


@attrs.frozen
class Item:
    """One answer of a model, and what a careful reader takes it to say (None: nothing, or not
    one thing)."""

    id: str
    kind: str
    question: str
    target: str | None
    answer: str
    truth: str | None
    options: tuple[str, ...] = ()
    #: Other readings that a careful reader accepts.
    also: tuple[str, ...] = ()
    #: References against which the answer is wrong (math, exact).
    unlike: tuple[str, ...] = ()
    #: Whether "unparsed" is acceptable too.
    may_be_null: bool = False

    @property
    def targets(self) -> list[str]:
        """References that a scorer is given: that of the truth (of the data, where it states
        nothing), others as good, then those it must refuse."""
        first = self.truth if self.truth is not None else self.target
        return [first or "", *self.also, *self.unlike]


def items(file: Path) -> list[Item]:
    return [_item(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def files() -> Iterator[tuple[str, list[Item]]]:
    """Each file's name (held-out ones last) and its answers."""
    for path in sorted(FOLDER.glob("*.jsonl"), key=lambda path: ("heldout" in path.name, path)):
        yield path.stem, items(path)


def _item(row: dict[str, Any]) -> Item:
    lists = {"options": "options", "also": "also", "not": "unlike"}
    texts = {name: value for name, value in row.items() if name not in lists}
    return Item(**texts, **{lists[name]: tuple(row[name]) for name in lists if name in row})
