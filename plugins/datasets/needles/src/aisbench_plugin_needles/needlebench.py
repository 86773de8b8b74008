"""The data set ``needlebench``: NeedleBench V2 at any length, made with the model's tokenizer."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache, partial
from importlib import resources
from pathlib import Path

import tomli
from attrs import field, frozen

from aisbench.api import (
    DataError,
    JsonValue,
    Sample,
    TextTokenizer,
    Variant,
    load_variants,
)
from aisbench_plugin_needles.draws import Draws
from aisbench_plugin_needles.kept_rows import rows_made_once
from aisbench_plugin_needles.kinship import QUESTIONS, KinTree, draw_family
from aisbench_plugin_needles.needlebench_files import Texts
from aisbench_plugin_needles.needlebench_settings import Language, NeedleBenchSettings, TaskName
from aisbench_plugin_needles.tokenizers import model_tokenizer, tokenizer_files

REASONING = (2, 3, 4, 5)
KINDS = ("eldest", "ancestor", "descendant", "distance")
_APART = 10
"""Percent of the haystack between needles that go together."""
_SPARE = 8
"""Tokens left free: cut ends of texts may be encoded otherwise than they were."""


@frozen
class Cell:
    """Rows that are made alike."""

    task: TaskName
    language: Language
    length: int = 0
    depth: int | None = None
    needles: int = 1
    kind: str = ""
    """Of atc, which of its questions."""

    @property
    def part(self) -> str:
        """``single-en``, ``reasoning-3-zh``, ``atc-16-en``."""
        many = f"-{self.needles}" if self.task in ("reasoning", "atc") else ""
        return f"{self.task}{many}-{self.language}"

    @property
    def id(self) -> str:
        """The beginning of its samples' ids."""
        at = self.kind if self.depth is None else f"depth-{self.depth}"
        return "-".join(filter(None, (self.part, str(self.length or ""), at)))


@frozen
class AskedNeedle:
    """Needles, the question, and what must be found."""

    needles: Sequence[str]
    question: str
    target: Sequence[str]
    rule: str
    places: Mapping[str, str] = field(factory=dict)
    """What else the prompt names."""


class NeedleBench:
    """Rows are made when they are read, the same ones on every machine."""

    def __init__(self, settings: NeedleBenchSettings) -> None:
        self._settings = settings
        self._texts = Texts(settings.path, settings.seed)
        self._documents = lru_cache(maxsize=None)(self._texts.documents)
        self._encoded: dict[str, array[int]] = {}
        self._needles = lru_cache(maxsize=None)(self._texts.needles)
        self._names = lru_cache(maxsize=None)(self._texts.names)
        self._haystack = lru_cache(maxsize=64)(self._long_enough)

    def variants(self) -> Mapping[str, Variant]:
        return load_variants("aisbench_plugin_needles", "_needlebench-variants.toml")

    def files(self) -> Sequence[Path]:
        """The tokenizer, and of NeedleBench's files those that are needed."""
        settings = self._settings
        own = self._texts.files(settings.languages, settings.tasks)
        return [*own, *tokenizer_files(settings.tokenizer, "needlebench")]

    def samples(self) -> Sequence[Sample]:
        """By task, language, length and depth. Raises DataError for a file that is missing or a
        length that is too short."""
        cells, rows = self._cells(), self._settings.rows
        self._tokenizer  # noqa: B018 - told before the first row is read

        def make(number: int) -> Sample:
            return self._sample(cells[number // rows], number % rows)

        return rows_made_once(
            len(cells) * rows, make, rows * sum(one.length or 2000 for one in cells)
        )

    def examples(self) -> Sequence[Sample]:
        raise DataError("needlebench: there are no few-shot examples", hint="set shots = 0")

    @cached_property
    def _tokenizer(self) -> TextTokenizer:
        return model_tokenizer(self._settings.tokenizer, "needlebench")

    def _cells(self) -> list[Cell]:
        settings, found = self._settings, []
        for task in settings.tasks:
            for language in settings.languages:
                if task == "atc":
                    found += [
                        Cell(task, language, needles=count, kind=kind)
                        for count in settings.atc_needles
                        for kind in KINDS
                    ]
                    continue
                make = partial(Cell, task, language)
                for length in settings.lengths:
                    if task == "retrieval":
                        found.append(make(length))
                    elif task == "single":
                        found += [make(length, depth) for depth in settings.depths]
                    else:
                        found += [
                            make(length, depth, count)
                            for count in REASONING
                            for depth in settings.depths
                        ]
        return found

    def _sample(self, cell: Cell, row: int) -> Sample:
        # At every depth the same needle in the same haystack: only its place is compared.
        draws = Draws(self._settings.seed, cell.part, cell.length, cell.kind, row)
        if cell.task == "atc":
            return self._challenge(cell, row, draws)
        asked = self._asked(cell, draws)
        frame = prompts()[cell.task][cell.language].replace("{retrieval_question}", asked.question)
        for name, value in asked.places.items():
            frame = frame.replace(f"{{{name}}}", value)
        depth = "all" if cell.depth is None else cell.depth
        fields: dict[str, JsonValue] = {
            "length": cell.length,
            "depth": depth,
            "cell": f"{cell.length} x {depth}{'' if cell.depth is None else ' %'}",
        }
        text = frame.replace("{context}", self._context(cell, row, asked.needles, frame))
        return self._made(cell, row, text, asked.target, asked.rule, fields)

    def _made(
        self,
        cell: Cell,
        row: int,
        prompt: str,
        target: Sequence[str],
        rule: str,
        fields: Mapping[str, JsonValue],
    ) -> Sample:
        return Sample(
            id=f"{cell.id}-{row}",
            part=cell.part,
            fields={
                "prompt": prompt,
                "rule": rule,
                "exact_case": True,
                "seed": self._settings.seed,
                "language": cell.language,
                **fields,
            },
            target=list(target),
        )

    # -- what is asked

    def _asked(self, cell: Cell, draws: Draws) -> AskedNeedle:
        if cell.task == "reasoning":
            family = draw_family(draws, self._names(cell.language), cell.needles, cell.language)
            last = family.persons[-1]
            return AskedNeedle(
                needles=[f"\n{one}\n" for one in family.sentences],
                question=QUESTIONS[cell.language].replace("{last_person}", last),
                target=[family.persons[0]],
                rule="boxed",
                places={"last_person": last},
            )
        rows = draws.shuffled(self._needles(cell.language))
        if cell.task == "single":
            rows = rows[:1]
            question = rows[0]["retrieval_question"]
        else:
            rows = self._different(rows, len(self._settings.depths))
            question = _questions([one["retrieval_question"] for one in rows], cell.language)
        return AskedNeedle(
            needles=[f"\n{one['needle']}\n" for one in rows],
            question=question,
            target=[one["arg2"] for one in rows],
            rule="all",
        )

    def _different(self, rows: Sequence[Mapping[str, str]], count: int) -> list[Mapping[str, str]]:
        """No two about one place or one thing. Raises DataError where there are too few."""
        found: list[Mapping[str, str]] = []
        seen: set[str] = set()
        for row in rows:
            if len(found) < count and not {row["arg1"], row["arg2"]} & seen:
                found.append(row)
                seen |= {row["arg1"], row["arg2"]}
        if len(found) < count:
            raise DataError(
                f"needlebench: retrieval hides a needle at each of {count} depths, and only "
                f"{len(found)} needles are about different things",
                hint="name fewer depths",
            )
        return found

    def _challenge(self, cell: Cell, row: int, draws: Draws) -> Sample:
        """A chain without a haystack."""
        kind = cell.kind
        names = self._names(cell.language)
        if cell.needles + 1 > len(names):
            raise DataError(
                f"needlebench: a chain of {cell.needles} relations needs more than the "
                f"{len(names)} names that there are",
                hint="name fewer in atc_needles",
            )
        family = draw_family(draws, names, cell.needles, cell.language)
        text = prompts()[kind][cell.language]
        for name, value in _places(kind, family).items():
            text = text.replace(f"{{{name}}}", value)
        target = {"descendant": family.persons[-1], "distance": str(family.generations)}.get(
            kind, family.persons[0]
        )
        fields: dict[str, JsonValue] = dict.fromkeys(("length", "depth", "cell"), "atc")
        fields["kind"] = kind
        return self._made(cell, row, text, [target], "boxed", fields)

    # -- the haystack

    def _encode(self, text: str) -> array[int]:
        """Each document once, and only those that are needed."""
        if text not in self._encoded:
            self._encoded[text] = array("I", self._tokenizer.encode(text))
        return self._encoded[text]

    def _context(self, cell: Cell, row: int, needles: Sequence[str], frame: str) -> str:
        """A haystack of as many tokens as fit, cut where the needles go."""
        count = self._tokenizer.count
        taken = count(frame) + sum(map(count, needles)) + self._settings.buffer + _SPARE
        size = cell.length - taken
        if size < 1:
            raise DataError(
                f"needlebench: {cell.part} does not fit into {cell.length} tokens: {taken} are "
                "taken by the question, the needles and the buffer",
                hint="raise lengths, or leave the task out",
            )
        ids = self._haystack(cell.language, max(self._settings.lengths), row)
        depths = self._settings.depths
        if cell.task != "retrieval":
            depths = tuple((cell.depth or 0) + _APART * one for one in range(len(needles)))
        pieces, last = [], 0
        for depth, needle in zip(depths, needles, strict=True):
            place = self._clean(ids, min(size, int(size * depth / 100)))
            pieces += [self._tokenizer.decode(ids[last:place]), needle]
            last = max(last, place)
        return "".join([*pieces, self._tokenizer.decode(ids[last : self._clean(ids, size)])])

    def _long_enough(self, language: str, length: int, row: int) -> Sequence[int]:
        """Documents in an order of the row's own, again where they are too short."""
        documents = [one for one in self._documents(language) if one.strip()]
        order = Draws(self._settings.seed, "documents", language, row).shuffled(documents)
        ids = array("I")
        while len(ids) < length:
            for one in order:
                ids.extend(self._encode(one))
                if len(ids) >= length:
                    break
        return ids[:length]

    def _clean(self, ids: Sequence[int], place: int) -> int:
        """``place``, or a little before it where a character would be cut in two."""
        while place > 0 and self._tokenizer.decode(ids[max(0, place - 8) : place]).endswith(
            "\ufffd"
        ):
            place -= 1
        return place


def _questions(questions: Sequence[str], language: str) -> str:
    """Several at once, with the formats of their answers, as parallel.py joins them."""
    mark, stop = ("？", "。") if language == "zh" else ("?", ".")
    asked = "、".join(one.partition(mark)[0] + mark for one in questions)
    formats = "、".join(
        one.partition("'")[2].partition("'")[0].partition(stop)[0] for one in questions
    )
    if language == "zh":
        return f"{asked}请按照'{formats}'的格式回答。"
    return f"{asked}Please answer in the format of '{formats}'"


def _places(kind: str, family: KinTree) -> Mapping[str, str]:
    """What the prompt of a question of atc names."""
    story = {"shuffled_story": "".join(family.sentences)}
    eldest, youngest, n = family.persons[0], family.persons[-1], str(family.generations)
    if kind == "eldest":
        return {**story, "last_person": youngest}
    if kind == "distance":
        return {**story, "person_a": eldest, "person_b": youngest}
    return {**story, "person": youngest if kind == "ancestor" else eldest, "n": n}


@lru_cache(maxsize=1)
def prompts() -> Mapping[str, Mapping[str, str]]:
    """Task -> language -> text."""
    file = resources.files("aisbench_plugin_needles") / "_needlebench-prompts.toml"
    found: Mapping[str, Mapping[str, str]] = tomli.loads(file.read_text(encoding="utf-8"))
    return found
