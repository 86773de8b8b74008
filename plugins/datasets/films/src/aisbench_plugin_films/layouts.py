"""Rows of Video-MME and Video-Bench, with their subtitles and answers."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from aisbench.api import DataError
from aisbench.data import Row, parse_json, read_table, read_text

log = logging.getLogger("aisbench.plugins.films")
_LETTER = re.compile(r"^[A-H][.)]\s*")
_TIMES = re.compile(r"^\d{1,3}:\d\d:\d\d[,.]\d{3}\s+-->\s+\S+.*$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|\{\\[^{}]{0,200}\}")
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def videomme(file: Path, split: str, part: str) -> Iterator[Row]:
    """Parquet; ``subtitles`` is empty where a film has none."""
    if not any((folder / "subtitle").is_dir() for folder in (file.parent, file.parent.parent)):
        log.info("%s: no folder subtitle/ beside it: variants with subtitles show none", file)
    for row in read_table(file):
        cells = dict(row.cells)
        listed = [str(one) for one in cells.pop("options")]
        cells["listed"] = "\n".join(listed)
        cells["options"] = [_LETTER.sub("", one) for one in listed]
        cells["subtitles"] = _subtitles(file, str(cells["videoID"]))
        yield Row(row.place, cells)


def _subtitles(file: Path, name: str) -> str:
    """The lines of a film's subtitles, which lie in ``subtitle/`` beside the table or above it."""
    for folder in (file.parent, file.parent.parent):
        found = folder / "subtitle" / f"{name}.srt"
        if found.is_file():
            text = read_text(found)
            if not text.strip():
                raise DataError(f"{found}: the file is empty", hint="get it again, or remove it")
            return "\n".join(_spoken(text))
    return ""


def _spoken(text: str) -> Iterator[str]:
    """What SubRip shows, without numbers, times and tags of its form."""
    lines = text.replace("\r", "").split("\n")
    for at, line in enumerate(lines):
        counts = line.strip().isdigit() and at + 1 < len(lines) and _TIMES.match(lines[at + 1])
        if counts or _TIMES.match(line.strip()):
            continue
        if shown := _TAG.sub("", line).strip():
            yield shown


def videobench(file: Path, split: str, part: str) -> Iterator[Row]:
    """``NAME_QA_new.json``, an object of rows by their number; answers lie in
    ``answer/ANSWER.json``. Raises DataError for a row whose answer is not there."""
    answers = _AnswerFile(file)
    for row in read_table(file, key="qid"):
        cells = dict(row.cells)
        shown = {key: str(one) for key, one in cells["choices"].items() if one is not None}
        letters = ascii_uppercase[: 1 + max(map(ascii_uppercase.index, shown), default=-1)]
        # A question with one choice leaves nothing to choose.
        options = [shown.get(letter, "") for letter in letters] if len(shown) > 1 else []
        film = str(cells["vid_path"]).removeprefix("./")
        name = Path(film).parent.name
        cells |= {
            "options": options,
            "film": film,
            "answer": cells.get("answer") or answers.of(row.place, name, str(cells["qid"])),
            "asked": f"{cells['question']}{_choices(shown)}",
        }
        yield Row(row.place, cells)


def _choices(shown: Mapping[str, str]) -> str:
    """The choices as the authors put them behind a question, who did so for four and six."""
    count = len(shown)
    begin = "Choices: " if count == 6 else " "
    listed = "".join(f"{letter}.{text} " for letter, text in shown.items())
    end = " " if count in (2, 3, 5) else ""
    return (
        f"{begin}{listed}\n Among the {NUMBERS.get(count, str(count))} options "
        f"{', '.join(shown)} above, the one closest to the correct answer is:{end}"
    )


class _AnswerFile:
    """What ``answer/ANSWER.json`` says, beside a file of rows or above it."""

    def __init__(self, file: Path) -> None:
        folders = (file.parent, file.parent.parent)
        known = (one / "answer" / "ANSWER.json" for one in folders)
        self.file = next((one for one in known if one.is_file()), None)
        self._known: Mapping[str, Mapping[str, Any]] = {}
        if self.file is None:
            return
        found = parse_json(read_text(self.file), str(self.file))
        if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
            raise DataError(f'{self.file}: must be an object such as {{"MOT": {{"0": "F"}}}}')
        self._known = found

    def of(self, place: str, name: str, number: str) -> str:
        """The letter for a row of a set. Raises DataError."""
        if self.file is None:
            raise DataError(
                f"{place}: there is no answer/ANSWER.json",
                hint="the authors give answers out in a file of their own; put it into answer/",
            )
        known = self._known.get(name, {}).get(number)
        if known is None:
            raise DataError(
                f"{place}: {self.file} has no answer to {number!r} of {name!r}",
                hint="get the whole file, or choose the parts that it has answers to: parts = "
                f"{sorted(self._known)}",
            )
        return str(known)
