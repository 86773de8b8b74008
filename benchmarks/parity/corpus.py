"""The answers of corpus/ (its README says what their fields mean)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

FOLDER = Path(__file__).resolve().parent / "corpus"


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
    found = [_item(json.loads(line)) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]
    assert len({item.id for item in found}) == len(found), f"{file}: an id stands twice"
    for item in found:
        letters = [chr(ord("A") + place) for place in range(len(item.options))]
        if letters and item.truth is not None:
            assert item.truth in letters, f"{file}, {item.id}: truth {item.truth} is no option"
    return found


def files() -> Iterator[tuple[str, list[Item]]]:
    """Each file's name (held-out ones last) and its answers."""
    for path in sorted(FOLDER.glob("*.jsonl"), key=lambda path: ("heldout" in path.name, path)):
        yield path.stem, items(path)


def _item(row: dict[str, Any]) -> Item:
    return Item(
        id=row["id"],
        kind=row["kind"],
        question=row["question"],
        target=row["target"],
        answer=row["answer"],
        truth=row["truth"],
        options=tuple(row.get("options", ())),
        also=tuple(row.get("also", ())),
        unlike=tuple(row.get("not", ())),
        may_be_null=row.get("may_be_null", False),
    )
