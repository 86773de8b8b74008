"""A declared data set, as core runs it."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
from attrs import frozen

from aisbench.base.errors import DataError
from aisbench.data.folders import folder_of, require_file
from aisbench.data.tables import Row, read_table
from aisbench.declared.declaration import declaration_of
from aisbench.declared.offers import DeclaredOffer
from aisbench.declared.rows import RowReader
from aisbench.settings.fields import setting
from aisbench.settings.problems import nearest
from aisbench.types.json import JsonObject
from aisbench.types.sample import Sample
from aisbench.types.variant import Variant

READERS = 16
"""Files that are read at the same time, which saves waiting for network file systems."""


@frozen
class DeclaredSettings:
    """Where the rows come from."""

    path: Path | None = setting(
        default=None,
        help="folder of the files; default: where `datasets fetch` puts them",
        example="data/mmlu",
    )
    split: str = setting(
        default="", help="the rows to ask, instead of the usual split", example="val"
    )
    parts: tuple[str, ...] = setting(
        default=(),
        help="parts or groups of parts to ask; * and ? match; empty: all",
        example=["stem", "high_school_*"],
    )


class DeclaredDataset:
    """Reads the files that a declaration names."""

    def __init__(self, offer: DeclaredOffer, settings: DeclaredSettings) -> None:
        self._name = offer.name
        self._declared = declaration_of(offer)
        self._settings = settings
        self._folder = folder_of(offer.name, settings.path)
        self._hint = (
            f"the file is not as published; get it again from {self._declared.card.source}"
        )

    def variants(self) -> Mapping[str, Variant]:
        declared = self._declared
        return {
            name: _with_evaluation(table.variant(), declared.evaluation)
            for name, table in declared.variants.items()
        }

    def files(self) -> Sequence[Path]:
        """The files of the split that is asked, and those of the examples, if they exist."""
        found = [self._required(file) for _, file in self._files(self._split())]
        pool = self._declared.examples
        if pool and pool != self._split():
            found += [file for _, file in self._files(pool) if file.is_file()]
        return list(dict.fromkeys(found))

    def samples(self) -> Sequence[Sample]:
        chosen = self._read(self._split())
        if self._declared.columns.part:
            wanted = self._wanted(dict.fromkeys(sample.part for sample in chosen))
            chosen = [sample for sample in chosen if sample.part in wanted]
        return chosen

    def examples(self) -> Sequence[Sample]:
        split = self._declared.examples
        if not split:
            raise DataError(
                f"{self._name} has no split to take few-shot examples from", hint="set shots = 0"
            )
        if split == self._split():
            raise DataError(
                f"{self._name}: the {split} rows cannot be asked and be few-shot examples at once",
                hint=f'set shots = 0, or split = "{self._declared.split}"',
            )
        return self._read(split)

    def submission(self, answers: Sequence[tuple[Sample, str | None]]) -> Mapping[str, bytes]:
        """The answers to rows without a reference, as JSON: part -> id -> answer."""
        column = self._declared.columns.id
        table: dict[str, dict[str, str]] = {}
        for sample, answer in answers:
            own = str(sample.fields[column]) if column else sample.id.rpartition("-")[2]
            table.setdefault(sample.part, {})[own] = answer or ""
        found = table if set(table) != {""} else table[""]
        text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        return {self._declared.submission: text.encode()}

    def _split(self) -> str:
        split = self._settings.split or self._declared.split
        if split not in self._declared.files:
            raise DataError(
                f"{self._name}: there is no split {split!r}",
                hint=f"splits are: {', '.join(self._declared.files)}",
            )
        return split

    def _read(self, split: str) -> list[Sample]:
        reader = RowReader(self._declared, split, self._hint)
        files = list(self._files(split))
        with ThreadPoolExecutor(min(READERS, len(files))) as pool:
            tables = pool.map(self._table, [file for _, file in files])
            return [
                reader.sample(row, number, part)
                for (part, _), rows in zip(files, tables, strict=True)
                for number, row in enumerate(rows)
            ]

    def _table(self, file: Path) -> list[Row]:
        columns = self._declared.columns
        return read_table(
            self._required(file),
            columns=columns.names,
            records=columns.records,
            hint=self._hint,
        )

    def _files(self, split: str) -> Iterator[tuple[str, Path]]:
        """Each part that is asked, with its file."""
        names = self._declared.files[split]
        patterns = (names,) if isinstance(names, str) else names
        if "{part}" not in patterns[0]:
            yield "", self._present(patterns)
            return
        for part in self._wanted(dict.fromkeys(self._declared.parts)):
            yield part, self._present([one.replace("{part}", part) for one in patterns])

    def _present(self, names: Sequence[str]) -> Path:
        """The first file that exists; the first of all if none does."""
        files = [self._folder / name for name in names]
        return next((file for file in files if file.is_file()), files[0])

    def _wanted(self, known: Mapping[str, None]) -> list[str]:
        """The parts that the suite chose, in the order of the data set."""
        chosen = self._settings.parts
        if not chosen:
            return list(known)
        groups = {group.name: group.members for group in self._declared.groups}
        found: set[str] = set()
        for pattern in chosen:
            names = list(groups.get(pattern, (pattern,)))
            while any(name in groups for name in names):
                names = [one for name in names for one in groups.get(name, (name,))]
            matching = {part for name in names for part in fnmatch.filter(known, name)}
            if not matching:
                all_names = [*groups, *known]
                raise DataError(
                    f"{self._name}: parts: {pattern!r} is not a part",
                    hint=nearest(pattern, all_names) or f"they are: {', '.join(all_names)}",
                )
            found |= matching
        return [part for part in known if part in found]

    def _required(self, file: Path) -> Path:
        declared = self._declared
        return require_file(
            file,
            self._name,
            source=declared.card.source,
            fetched=bool(declared.downloads),
            parts=bool(declared.parts),
        )


def _with_evaluation(variant: Variant, common: JsonObject) -> Variant:
    if not common:
        return variant
    return attrs.evolve(variant, evaluation={**common, **variant.evaluation})
