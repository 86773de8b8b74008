"""The data set ``ruler``: 13 tasks at any length, made with the model's tokenizer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import attrs
from attrs import frozen

from aisbench.api import (
    DataError,
    PathOrName,
    Sample,
    Variant,
    at_least,
    load_variants,
    setting,
)
from aisbench.data import folder_of
from aisbench_plugin_needles.fitting import Fit, PieceCounter, fit, fitted
from aisbench_plugin_needles.haystacks import Essay
from aisbench_plugin_needles.kept_rows import rows_made_once
from aisbench_plugin_needles.ruler_files import (
    ESSAYS,
    HOTPOT,
    SOURCE,
    SQUAD,
    WORDS,
    read_essay,
    read_hotpot,
    read_squad,
    read_words,
)
from aisbench_plugin_needles.ruler_lists import CommonWords, FrequentWords, Questions
from aisbench_plugin_needles.ruler_tasks import Needles, RulerRow, RulerTask, Variables
from aisbench_plugin_needles.tokenizers import model_tokenizer, tokenizer_files

TASKS = (
    "niah_single_1", "niah_single_2", "niah_single_3",
    "niah_multikey_1", "niah_multikey_2", "niah_multikey_3",
    "niah_multivalue", "niah_multiquery", "vt", "cwe", "fwe", "qa_1", "qa_2",
)  # fmt: skip
_NEEDLE_TASKS = {
    "niah_single_1": Needles("noise"),
    "niah_single_2": Needles("essay"),
    "niah_single_3": Needles("essay", value="uuids"),
    "niah_multikey_1": Needles("essay", keys=4),
    "niah_multikey_2": Needles("needle"),
    "niah_multikey_3": Needles("needle", key="uuids", value="uuids"),
    "niah_multivalue": Needles("essay", values=4),
    "niah_multiquery": Needles("essay", queries=4),
}
_ESSAYS = {"niah_single_2", "niah_single_3", "niah_multikey_1", "niah_multivalue",
           "niah_multiquery"}  # fmt: skip
_NEEDED = {ESSAYS: _ESSAYS, SQUAD: {"qa_1"}, HOTPOT: {"qa_2"}}


def _needs_file(name: str) -> bool:
    return any(name in users for users in _NEEDED.values())


def _tasks(names: Sequence[str]) -> str | None:
    unknown = [name for name in names if name not in TASKS]
    if not names or unknown or len(set(names)) < len(names):
        return f"must name some of {', '.join(TASKS)}, each once"
    return None


def lengths_problem(lengths: Sequence[int]) -> str | None:
    """What is wrong with the whole of a setting of lengths."""
    if not lengths or min(lengths) < 256 or len(set(lengths)) < len(lengths):
        return "must hold lengths of 256 tokens and more, each once"
    return None


@frozen
class RulerSettings:
    """Which tasks, how long, how many."""

    tokenizer: PathOrName = setting(
        default=PathOrName(),
        help="the model's tokenizer: a folder with tokenizer.json, that file, or a hub name",
        example="./models/qwen",
    )
    lengths: tuple[int, ...] = setting(
        default=(4096,),
        check=lengths_problem,
        unit="tokens",
        help="lengths of prompt and answer together; published are 4096, 8192, 16384, 32768, "
        "65536 and 131072",
        example=[4096, 8192, 16384, 32768],
    )
    tasks: tuple[str, ...] = setting(
        default=TASKS, check=_tasks, help="which of the 13 tasks", example=["niah_single_1", "vt"]
    )
    rows: int = setting(default=500, check=at_least(1), help="rows of each task at each length")
    path: Path | None = setting(
        default=None,
        help="the folder of PaulGrahamEssays.json, squad.json and hotpotqa.json, which seven of "
        "the tasks need",
        example="data/ruler",
    )
    template_tokens: int = setting(
        default=0,
        unit="tokens",
        check=at_least(0),
        help="what the server's chat template adds; prompts are shorter by so much",
    )
    seed: int = setting(default=42, check=at_least(0), help="all that is random depends on it")


class Ruler:
    """Rows are made when they are read, the same ones on every machine."""

    def __init__(self, settings: RulerSettings) -> None:
        self._settings = settings
        self._folder = folder_of("ruler", settings.path)

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_needles", "_ruler-variants.toml")

    def files(self) -> Sequence[Path]:
        """The tokenizer, and of RULER's files those that the chosen tasks need."""
        tokenizer = tokenizer_files(self._settings.tokenizer, "ruler")
        return [*self._own_files(), *tokenizer]

    def samples(self) -> Sequence[Sample]:
        """By length, by task. Raises DataError where a file is missing or a task does not fit."""
        settings = self._settings
        counter = PieceCounter(model_tokenizer(settings.tokenizer, "ruler"))
        self._own_files()
        cells = [
            _Cell(name, length, self._task(name, length), settings, counter)
            for length in settings.lengths
            for name in settings.tasks
        ]

        def make(number: int) -> Sample:
            cell, row = divmod(number, settings.rows)
            return cells[cell].sample(row)

        tokens = sum(settings.lengths) * len(settings.tasks) * settings.rows
        return rows_made_once(len(cells) * settings.rows, make, tokens)

    def examples(self) -> Sequence[Sample]:
        raise DataError(
            "ruler: there are no few-shot examples",
            hint="set shots = 0; vt and cwe bring a solved example of their own",
        )

    def _own_files(self) -> list[Path]:
        """Raises DataError for one that is missing, with the tasks that need none."""
        found = []
        for file, users in _NEEDED.items():
            needing = [name for name in self._settings.tasks if name in users]
            if needing and not (self._folder / file).is_file():
                rest = [name for name in self._settings.tasks if not _needs_file(name)]
                without = f"; or ask those that need no file: tasks = {json.dumps(rest)}"
                raise DataError(
                    f"ruler: {', '.join(needing)} need {file}, which is not in {self._folder}",
                    hint=f"name its folder as path; {SOURCE}{without if rest else ''}",
                )
            found += [self._folder / file] if needing else []
        if "cwe" in self._settings.tasks and (self._folder / WORDS).is_file():
            found.append(self._folder / WORDS)
        return found

    def _task(self, name: str, length: int) -> RulerTask:
        if name in _ESSAYS:
            return attrs.evolve(_NEEDLE_TASKS[name], essay=self._essay)
        if name in _NEEDLE_TASKS:
            return _NEEDLE_TASKS[name]
        if name == "vt":
            return Variables()
        if name == "cwe":
            return CommonWords(length, more=self._more_words)
        if name == "fwe":
            return FrequentWords(length)
        task = self._squad if name == "qa_1" else self._hotpot
        if self._settings.rows > len(task.questions):
            raise DataError(
                f"ruler: {name} has {len(task.questions)} questions, and rows asks for "
                f"{self._settings.rows}",
                hint=f"set rows to {len(task.questions)} or less, or get the whole file",
            )
        return task

    @cached_property
    def _essay(self) -> Essay:
        return read_essay(self._folder)

    @cached_property
    def _more_words(self) -> Sequence[str]:
        return read_words(self._folder)

    @cached_property
    def _squad(self) -> Questions:
        return read_squad(self._folder)

    @cached_property
    def _hotpot(self) -> Questions:
        return read_hotpot(self._folder)


class _Cell:
    """The rows of one task at one length."""

    def __init__(
        self,
        name: str,
        length: int,
        task: RulerTask,
        settings: RulerSettings,
        counter: PieceCounter,
    ) -> None:
        self._name, self._length, self._task = name, length, task
        self._seed, self._counter = settings.seed, counter
        self._limit = length - task.answer_tokens - settings.template_tokens

    @cached_property
    def _fit(self) -> Fit:
        def build(units: int) -> Sequence[str]:
            return self._row(0, units).pieces

        return fit(build, self._limit, self._task.least, self._counter, self._what)

    @property
    def _what(self) -> str:
        return f"ruler: {self._name} of length {self._length}"

    def _row(self, row: int, units: int) -> RulerRow:
        return self._task.row(f"{self._seed}/{self._name}/{self._length}/{row}", units)

    def sample(self, row: int) -> Sample:
        made: list[RulerRow] = []

        def build(units: int) -> Sequence[str]:
            made.append(self._row(row, units))
            return made[-1].pieces

        pieces = fitted(build, self._limit, self._task.least, self._counter, self._fit, self._what)
        return Sample(
            id=f"{self._name}-{self._length}-{row}",
            part=self._name,
            fields={
                "prompt": "".join(pieces),
                "length": self._length,
                "seed": self._seed,
                **made[-1].fields,
            },
            target=list(made[-1].target),
            generation={"max_tokens": self._task.answer_tokens},
        )
