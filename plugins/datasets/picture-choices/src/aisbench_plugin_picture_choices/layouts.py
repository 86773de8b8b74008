"""The layouts in which these sets are given out, as rows of one form.

VLMEvalKit's tables have the options in columns A, B, ...; Parquet of Hugging Face has them in the
text of the question. Here all have ``question`` without options, ``options`` (a list; empty where
a question has none), ``asked`` (the question as its authors put it) and ``image``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, read_table

_ONE_LINE = re.compile(r"\s*Options:\s*(A: .*)\Z", re.DOTALL)
"""MMStar: all options in the last line."""
_LISTED = re.compile(r"^([A-J])[.)]\s?(.*)$")
"""RealWorldQA: each in a line."""
_LETTER_ALONE = (
    "Please answer directly with only the letter of the correct option and nothing else."
)


def table(file: Path, split: str, part: str) -> Iterator[Row]:
    """VLMEvalKit's form, with the abilities that figures are of. ``hint`` and ``l2_category`` are
    empty where a table has none. Raises DataError for one of another form."""
    return _table(file, ("question", "category"))


def _table(file: Path, needed: Sequence[str]) -> Iterator[Row]:
    for row in read_table(file, files=["image"]):
        for name in needed:
            if name not in row.cells:
                raise DataError(
                    f"{row.place}: no column {name!r} (columns: {', '.join(row.cells)})",
                    hint="get the table as VLMEvalKit fetches it",
                )
        cells = dict(row.cells)
        cells["options"] = _columns(cells)
        cells["hint"] = cells.get("hint") or ""
        cells["category"] = cells.get("category") or "all"
        # The tables spell it in both ways.
        cells["l2_category"] = cells.get("l2_category") or cells.get("l2-category") or ""
        cells["asked"] = cells["question"]
        cells["answer"] = cells.get("answer") or None
        yield Row(row.place, cells)


def mmstar(file: Path, split: str, part: str) -> Iterator[Row]:
    """VLMEvalKit's table, or Parquet."""
    if file.suffix != ".parquet":
        for row in table(file, split, part):
            cells = dict(row.cells)
            listed = ", ".join(f"{letter}: {one}" for letter, one in _lettered(cells["options"]))
            yield Row(row.place, {**cells, "asked": f"{cells['question']}\nOptions: {listed}"})
        return
    for row in read_table(file, files=["image"]):
        cells = dict(row.cells)
        cells["asked"] = cells["question"]
        cells["question"], cells["options"] = _in_one_line(str(cells["question"]))
        yield Row(row.place, {"hint": "", **cells})


def realworldqa(file: Path, split: str, part: str) -> Iterator[Row]:
    """Parquet, where some questions have no options; or VLMEvalKit's table."""
    if file.suffix != ".parquet":
        for row in _table(file, ("question",)):
            cells = dict(row.cells)
            lines = [f"{letter}. {one}" for letter, one in _lettered(cells["options"])]
            asked = "\n".join([str(cells["question"]), *lines, _LETTER_ALONE])
            yield Row(row.place, {**cells, "asked": asked})
        return
    for number, row in enumerate(read_table(file, files=["image"])):
        cells = dict(row.cells)
        cells["asked"] = cells["question"]
        question, options = _in_lines(str(cells["question"]))
        if str(cells.get("answer")) in [*ascii_uppercase[: len(options)]]:
            cells |= {"question": question, "options": options}
        else:
            cells["options"] = []
        yield Row(row.place, {"index": f"{file.stem.split('-of-')[0]}-{number}", **cells})


def _columns(cells: dict[str, Any]) -> list[str]:
    """The options in columns A, B, ... of a table; blank cells at the end are none."""
    found = [cells.pop(letter) for letter in ascii_uppercase if letter in cells]
    while found and found[-1] in (None, ""):
        found.pop()
    return [str(one) for one in found]


def _lettered(options: list[str]) -> Iterator[tuple[str, str]]:
    return zip(ascii_uppercase, options, strict=False)


def _in_one_line(question: str) -> tuple[str, list[str]]:
    """A question and its options ``A: x, B: y``."""
    found = _ONE_LINE.search(question)
    if found is None:
        return question, []
    rest, options = found[1], []
    for letter, following in zip("ABCDEFGHI", "BCDEFGHIJ", strict=True):
        own, mark, after = rest.partition(f", {following}: ")
        options.append(own.removeprefix(f"{letter}: ").strip())
        if not mark:
            break
        rest = f"{following}: {after}"
    return question[: found.start()], options


def _in_lines(question: str) -> tuple[str, list[str]]:
    """A question and its options, a line each, in the order of the alphabet."""
    lines = question.split("\n")
    options: list[str] = []
    first = 0
    for at, line in enumerate(lines):
        found = _LISTED.match(line.strip())
        if found is not None and found[1] == ascii_uppercase[len(options)]:
            first = first if options else at
            options.append(found[2].strip())
    if len(options) < 2:
        return question, []
    return "\n".join(lines[:first]).strip(), options
