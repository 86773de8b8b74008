"""Which files a split has: patterns of names, parts, and what is there of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.declared.declaration import Declaration
from aisbench.declared.records import TableFile

EVERY = "*"
"""Stands for all parts that the folder has."""


@frozen
class Layout:
    """The files of a data set in its folder."""

    name: str
    declaration: Declaration
    folder: Path
    hint: str

    def parts(self, split: str) -> Mapping[str, None]:
        """The parts that files of a split are named after; {"": None} where they are not."""
        patterns = self._patterns(split)
        if "{part}" not in patterns[0]:
            return {"": None}
        named = self.declaration.part_names
        if EVERY not in named:
            return dict.fromkeys(named)
        found = {
            match[1]: None
            for pattern in patterns
            for file in sorted(self.folder.glob(pattern.replace("{part}", "*")))
            if (match := _part_in(pattern).fullmatch(file.relative_to(self.folder).as_posix()))
        }
        if not found:
            raise DataError(
                f"{self.name}: no file in {self.folder} is called {patterns[0]}",
                hint=self.hint,
            )
        return found

    def files(self, split: str, part: str) -> Iterator[TableFile]:
        """The files of a part; one that should be there and is not, where none is."""
        patterns = [one.replace("{part}", part) for one in self._patterns(split)]
        for pattern in patterns:
            if self.is_pattern(split):
                found = sorted(one for one in self.folder.glob(pattern) if one.is_file())
            else:
                found = [one for one in [self.folder / pattern] if one.is_file()]
            if found:
                yield from (TableFile(file, part) for file in found)
                return
        if self.is_pattern(split):
            raise DataError(f"{self.name}: no file {patterns[0]} in {self.folder}", hint=self.hint)
        yield TableFile(self.folder / patterns[0], part)

    def is_pattern(self, split: str) -> bool:
        """Whether one name stands for several files."""
        return any("*" in one or "?" in one for one in self._patterns(split))

    def _patterns(self, split: str) -> Sequence[str]:
        names = self.declaration.files[split]
        return (names,) if isinstance(names, str) else names


def _part_in(pattern: str) -> re.Pattern[str]:
    """Finds the part in the name of a file."""
    before, _, after = pattern.partition("{part}")
    after = re.escape(after).replace(re.escape("{part}"), r"\1")
    both = re.escape(before) + "([^/]+)" + after
    return re.compile(both.replace(r"\*", "[^/]*").replace(r"\?", "[^/]"))
