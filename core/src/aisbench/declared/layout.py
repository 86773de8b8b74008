"""Which files a split has: patterns of names, parts, and what is there of them."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs
from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.declared.declaration import EVERY, Declaration
from aisbench.declared.records import TableFile


@frozen
class Layout:
    """The files of a data set in its folder."""

    name: str
    declaration: Declaration
    folder: Path
    hint: str

    def parts(self, split: str) -> Mapping[str, None]:
        """The parts whose rows a split holds apart, in files of their own, or in places of one
        file; {"": None} where it does not."""
        patterns = self._patterns(split)
        named = self.declaration.part_names
        if "{part}" not in patterns[0] and not (named and self._holds_parts(split)):
            return {"": None}
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

    def _holds_parts(self, split: str) -> bool:
        """Whether a file without a part in its name is read for each part."""
        declared = self.declaration.of_split(split)
        by_part = "{part}" in declared.columns.records or bool(declared.row_table.use)
        return by_part and not declared.columns.part

    def files(self, split: str, part: str) -> Iterator[TableFile]:
        """The files of a part. Where there is none: the one that should be there, or none at all
        if its name is a pattern."""
        patterns = [one.replace("{part}", part) for one in self._patterns(split)]
        for pattern in patterns:
            if self.is_pattern(split):
                found = sorted(one for one in self.folder.glob(pattern) if one.is_file())
            else:
                found = [one for one in [self.folder / pattern] if one.is_file()]
            if found:
                yield from (TableFile(file, part) for file in found)
                return
        if not self.is_pattern(split):
            yield TableFile(self.folder / patterns[0], part)

    def is_pattern(self, split: str) -> bool:
        """Whether one name stands for several files."""
        return any("*" in one or "?" in one for one in self._patterns(split))

    def _patterns(self, split: str) -> Sequence[str]:
        names = self.declaration.files[split]
        return (names,) if isinstance(names, str) else names


def with_files(declared: Declaration, files: Mapping[str, str | tuple[str, ...]]) -> Declaration:
    """With the files that the suite names for some splits; it may add a split."""
    return attrs.evolve(declared, files={**declared.files, **files}) if files else declared


def of_one_file(declared: Declaration, path: Path, split: str) -> tuple[Declaration, Path]:
    """The declaration and its folder, where ``path`` may be one of the split's files in place of
    the folder: it is then the only one that is read."""
    names = declared.files.get(split, ())
    for pattern in (names,) if isinstance(names, str) else names:
        depth = pattern.count("/") + 1
        own = "/".join(path.parts[-depth:])
        if "{part}" not in pattern and fnmatch.fnmatchcase(own, pattern) and path.is_file():
            folder = Path(*path.parts[:-depth])
            return attrs.evolve(declared, files={**declared.files, split: own}), folder
    return declared, path


def _part_in(pattern: str) -> re.Pattern[str]:
    """Finds the part in the name of a file."""
    before, _, after = pattern.partition("{part}")
    after = re.escape(after).replace(re.escape("{part}"), r"\1")
    both = re.escape(before) + "([^/]+)" + after
    return re.compile(both.replace(r"\*", "[^/]*").replace(r"\?", "[^/]"))
