"""A declared data set, as core runs it."""

from __future__ import annotations

import fnmatch
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import ascii_uppercase

from aisbench.base.errors import DataError
from aisbench.data.folders import folder_of, how_to_get, require_file
from aisbench.data.row import Row
from aisbench.declared.column import NamedColumn
from aisbench.declared.functions import function_of
from aisbench.declared.joining import Joiner
from aisbench.declared.layout import Layout, of_one_file, with_files
from aisbench.declared.offers import DeclaredOffer
from aisbench.declared.options import OptionOrder
from aisbench.declared.own_code import FunctionEvaluator, FunctionTemplate, RowsFunction
from aisbench.declared.pictures import columns_of_media
from aisbench.declared.reading import declaration_of
from aisbench.declared.records import RecordReader, TableFile
from aisbench.declared.rows import RowReader
from aisbench.declared.settings import DeclaredSettings
from aisbench.media.absent import PACKED
from aisbench.settings.problems import nearest
from aisbench.types.offer import PROMPT_TOKENS, parts_of
from aisbench.types.sample import Sample
from aisbench.types.variant import Variant

log = logging.getLogger(__name__)
_DOUBLED = re.compile(r"\{\{\s*(\w+)\s*\}\}")

READERS = 16
"""Files that are read at the same time, which saves waiting for network file systems."""


SHOWN = 8
"""Names that a message lists of a folder without the files that are read."""


_USED = Row("", {})
"""In the place of a row of which the samples are made."""

SUSPICIOUS = 10
"""So many right options that all stand at the same place are no chance."""


class DeclaredDataset:
    """Reads the files that a declaration names."""

    def __init__(self, offer: DeclaredOffer, settings: DeclaredSettings) -> None:
        self._name = offer.name
        self._offer = offer
        declared = with_files(declaration_of(offer), settings.files)
        self._settings = settings
        # The rows of a file of the user's lie beside it.
        own = Path(offer.folder) if offer.folder else None
        folder = folder_of(offer.name, settings.path or own)
        split = settings.split or declared.asked
        self._declared, self._folder = of_one_file(declared, folder, split)
        source = self._declared.source
        self._hint = (
            f"the file is not as published; get it again from {source}"
            if source
            else f"correct the file, or what {offer.place} says of it"
        )
        self._layout = Layout(self._name, self._declared, self._folder, self._hint)

    def variants(self) -> Mapping[str, Variant]:
        declared = self._declared
        common = Variant(
            template="",
            prompt={},
            source="",
            evaluation=declared.evaluation,
            postprocess=declared.postprocess,
        )
        return {name: table.variant(common) for name, table in declared.variants.items()}

    def own_evaluator(self, name: str) -> FunctionEvaluator:
        """The function that the declaration names as an evaluator. Raises PluginError."""
        return FunctionEvaluator(name, function_of(self._offer, name, "evaluator"))

    def own_template(self, variant: str, *, chat: bool) -> FunctionTemplate | None:
        """The function that a variant names as its prompt. Raises PluginError."""
        name = self._declared.variants[variant].prompt
        if not isinstance(name, str):
            return None
        key = f"variants.{variant}.prompt"
        return FunctionTemplate(name, function_of(self._offer, name, key), chat)

    def files(self) -> Sequence[Path]:
        """The files of the split that is asked, and those of the examples, if they exist."""
        split = self._split()
        found = [self._required(one) for one in self._files(split)]
        found += self._files_beside(split)
        pool = self._declared.examples
        if pool and pool != split:
            files = self._files(pool, required=False)
            found += [one.path for one in files if one.path.is_file()]
            found += [file for file in self._files_beside(pool) if file.is_file()]
        return list(dict.fromkeys(found))

    def samples(self) -> Sequence[Sample]:
        settings = self._settings.option_order
        own = self._declared.choices
        order = OptionOrder(
            shuffle=own.shuffle if settings.shuffle is None else settings.shuffle,
            permute=settings.permute or own.permute,
            seed=settings.seed,
        )
        chosen = self._read(self._split(), order)
        if self._declared.columns.part:
            wanted = self._wanted(dict.fromkeys(sample.part for sample in chosen))
            chosen = [sample for sample in chosen if sample.part in wanted]
        self._check_slices(chosen)
        self._check_letters(chosen)
        self._check_braces(chosen[:1])
        return chosen

    @property
    def variations(self) -> int:
        """In how many orders the options of a row are shown."""
        return self._settings.option_order.permute or self._declared.choices.permute

    def examples(self) -> Sequence[Sample]:
        split = self._declared.examples
        if not split:
            raise DataError(
                f"{self._name} has no split to take few-shot examples from",
                hint='set shots = 0, or name one in the declaration, such as examples = "train"',
            )
        if split == self._split():
            raise DataError(
                f"{self._name}: the {split} rows cannot be asked and be few-shot examples at once",
                hint=f'set shots = 0, or split = "{self._declared.asked}"',
            )
        settings = self._settings.option_order
        shuffle = settings.shuffle
        return self._read(
            split,
            OptionOrder(
                shuffle=self._declared.choices.shuffle if shuffle is None else shuffle,
                permute=1,
                seed=settings.seed,
            ),
        )

    def submission(self, answers: Sequence[tuple[Sample, str | None]]) -> Mapping[str, bytes]:
        """The answers to rows without a reference, as JSON: part -> id -> answer. A letter is that
        of the file's order; of a row that is asked in several orders the first one counts."""
        table: dict[str, dict[str, str]] = {}
        for sample, answer in answers:
            part = f"{sample.part}/" if sample.part else ""
            # Rows of one question are rows of the file; orders of one row are not.
            name = sample.id if self._declared.columns.question else sample.question
            own = name.removeprefix(f"{part}{self._split()}-")
            table.setdefault(sample.part, {}).setdefault(own, _as_in_file(sample, answer or ""))
        found = table if set(table) != {""} else table[""]
        text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        return {self._declared.submission: text.encode()}

    def _split(self) -> str:
        split = self._settings.split or self._declared.asked
        if split not in self._declared.files:
            raise DataError(
                f"{self._name}: there is no split {split!r}",
                hint=f"splits are: {', '.join(self._declared.files)}",
            )
        return split

    def _records(self, split: str) -> RecordReader:
        declared = self._declared.of_split(split)
        use = declared.row_table.use
        return RecordReader(
            declaration=declared,
            split=split,
            folder=self._folder,
            hint=self._hint,
            single=self._layout.is_pattern(split),
            files=columns_of_media(declared.media),
            own=RowsFunction(use, function_of(self._offer, use, "rows")) if use else None,
        )

    def _rows(self, split: str, order: OptionOrder) -> RowReader:
        return RowReader(
            declaration=self._declared.of_split(split),
            split=split,
            folder=self._folder,
            hint=self._hint,
            order=order,
            own_generation=self._settings.own_generation,
        )

    def _read(self, split: str, order: OptionOrder) -> list[Sample]:
        reader = self._rows(split, order)
        records = self._records(split)
        files = list(self._files(split))
        with ThreadPoolExecutor(min(READERS, len(files))) as pool:
            tables = list(pool.map(lambda one: self._table(records, one), files))
        by_part: dict[str, list[Row]] = {}
        for file, rows in zip(files, tables, strict=True):
            by_part.setdefault(file.part, []).extend(rows)
        del tables, rows
        found: list[Sample] = []
        for part, rows in by_part.items():
            reader.check_columns(rows)
            for number, row in enumerate(rows):
                found += reader.samples(row, number, part)
                # What is made of a long row may be a copy of it.
                rows[number] = _USED
        if not found:
            raise self._none_left(files[0].path, split)
        return self._within_limits(found)

    def _none_left(self, file: Path, split: str) -> DataError:
        """Of rows that `rows.where` and `rows.explode` leave none of."""
        where = self._declared.of_split(split).row_table.where
        asked = ", ".join(f"{key} = {json.dumps(value)}" for key, value in where.items())
        return DataError(
            f"{self._name}: no row of {file} and its like is left for the split {split!r} "
            f"(rows.where: {asked or 'none'})",
            hint=self._hint,
        )

    def _within_limits(self, samples: list[Sample]) -> list[Sample]:
        """The first rows of each part, as many as the declaration lets it have."""
        limit = self._declared.row_table.limit
        if limit is None:
            return samples
        counts: dict[str, set[str]] = {}
        chosen: list[Sample] = []
        for sample in samples:
            taken = counts.setdefault(sample.part, set())
            row = sample.question
            if row in taken or len(taken) < _limit(limit, sample.part, len(samples)):
                taken.add(row)
                chosen.append(sample)
        return chosen

    def _check_slices(self, samples: Sequence[Sample]) -> None:
        """Raises DataError where no row has the field that slices, or evaluators of rows, go
        by."""
        named = [
            (f"slices[{at}].by", one.by)
            for at, one in enumerate(self._offer.slices)
            if one.by != PROMPT_TOKENS
        ]
        named += [
            (f"evaluators[{at}].where", name)
            for at, one in enumerate(self._offer.evaluators)
            for name, wanted in one.where.items()
            if not (isinstance(wanted, Mapping) and "present" in wanted)
        ]
        for key, name in named:
            has = NamedColumn(name).has
            if not any(has(sample.fields) for sample in samples):
                known = list(samples[0].fields) if samples else []
                raise DataError(
                    f"{self._name}: {key}: no row has {name!r}",
                    hint=nearest(name, known) or f"fields are: {', '.join(known)}",
                )

    def _check_letters(self, samples: Sequence[Sample]) -> None:
        """Warn where the right option is always the same: the file has it in one place."""
        columns = self._declared.columns
        if columns.options or not columns.choices:
            return
        letters = {str(one.target) for one in samples if one.target is not None}
        if len(letters) == 1 and len(samples) >= SUSPICIOUS:
            log.warning(
                "%s: the right option of all %d rows is %s: a model that always says so is right; "
                "set option_order = { shuffle = true }, or look at columns.answer",
                self._name, len(samples), letters.pop(),
            )  # fmt: skip

    def _check_braces(self, samples: Sequence[Sample]) -> None:
        """Warn of fields in double braces, as Jinja writes them, which models get as text."""
        for sample in samples:
            for variant, asked in self._declared.variants.items():
                words = json.dumps(asked.prompt, ensure_ascii=False)
                for name in _DOUBLED.findall(words):
                    if name in sample.fields:
                        log.warning(
                            "%s: variants.%s.prompt: models get {{%s}} as the text {%s}: a field "
                            "stands in single braces",
                            self._name, variant, name, name,
                        )  # fmt: skip

    def _table(self, records: RecordReader, file: TableFile) -> list[Row]:
        self._required(file)
        return records.read(file)

    def _files(self, split: str, *, required: bool = True) -> Iterator[TableFile]:
        """The files of each part that is asked."""
        parts = self._layout.parts(split)
        for part in parts if "" in parts else self._wanted(parts):
            files = list(self._layout.files(split, part))
            if required and not any(one.path.is_file() for one in files):
                self._refuse(split, part)
            yield from files

    def _refuse(self, split: str, part: str) -> None:
        """Raises DataError: of the files that a part may have, none is there."""
        named = self._declared.files[split]
        names = [named] if isinstance(named, str) else named
        names = [one.replace("{part}", part) for one in names]
        first = TableFile(self._folder / names[0], part)
        if not self._folder.is_dir() or (len(names) == 1 and not self._layout.is_pattern(split)):
            self._required(first)
        there = sorted(one.name for one in self._folder.iterdir())
        some = ", ".join(there[:SHOWN]) + (", ..." if len(there) > SHOWN else "")
        packed = [one for one in there if one.lower().endswith(PACKED)]
        raise DataError(
            f"{self._name}: {self._folder} holds no file {' or '.join(names)}, "
            f"but {some or 'nothing'}",
            hint=(f"unpack {', '.join(packed[:SHOWN])} there, or " if packed else "")
            + how_to_get(self._name, *self._place_of_files()),
        )

    def _files_beside(self, split: str) -> list[Path]:
        """Files that are read beside the rows: those that are joined, and texts of parts."""
        parts = self._layout.parts(split)
        rows = self._rows(split, OptionOrder(shuffle=False, permute=1, seed=0))
        table = self._declared.of_split(split).row_table
        joins = [Joiner(one, split, self._folder, self._hint) for one in table.join]
        own = [
            file
            for pattern in table.beside
            for file in sorted(self._folder.glob(pattern))
            if file.is_file()
        ]
        return own + [
            file
            for part in (parts if "" in parts else self._wanted(parts))
            for one in ((one.file(part) for one in joins), rows.files(part))
            for file in one
            if file is not None
        ]

    def _wanted(self, known: Mapping[str, None]) -> list[str]:
        """The parts that the suite chose, in the order of the data set."""
        chosen = self._settings.parts
        if not chosen:
            return list(known)
        groups = {group.name: group.members for group in self._declared.groups}
        found: set[str] = set()
        for pattern in chosen:
            names = parts_of([pattern], groups)
            matching = {part for name in names for part in fnmatch.filter(known, name)}
            if not matching:
                all_names = [*groups, *known]
                raise DataError(
                    f"{self._name}: parts: {pattern!r} is not a part",
                    hint=nearest(pattern, all_names) or f"they are: {', '.join(all_names)}",
                )
            found |= matching
        return [part for part in known if part in found]

    def _required(self, file: TableFile) -> Path:
        source, fetched, parts = self._place_of_files()
        return require_file(file.path, self._name, source=source, fetched=fetched, parts=parts)

    def _place_of_files(self) -> tuple[str, bool, bool]:
        """Where the files are, whether they can be fetched, and whether some can be left out."""
        declared = self._declared
        source = declared.source or "a place that the declaration does not name"
        return source, bool(declared.downloads), bool(declared.part_names)


_LETTERS = re.compile(r"[A-Z](,? ?[A-Z])*")


def _as_in_file(sample: Sample, answer: str) -> str:
    """An answer of letters, as they are where the options stand in the file's order."""
    order = sample.fields.get("option_order")
    if not isinstance(order, list) or not _LETTERS.fullmatch(answer):
        return answer
    shown: dict[str, str] = {}
    for letter, place in zip(ascii_uppercase, order):  # noqa: B905 - as many as there are options
        assert isinstance(place, int)
        shown[letter] = ascii_uppercase[place]
    letters = set(re.findall("[A-Z]", answer))
    return re.sub("[A-Z]", lambda one: shown[one[0]], answer) if letters <= set(shown) else answer


def _limit(limit: int | Mapping[str, int], part: str, otherwise: int) -> int:
    return limit.get(part, otherwise) if isinstance(limit, Mapping) else limit
