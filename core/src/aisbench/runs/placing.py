"""To which rows of a data set given answers belong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field

from aisbench.base.errors import DataError
from aisbench.config.plan import Plan, Task
from aisbench.conversation.prepare import Rows, dialogue, render
from aisbench.given.answer_file import AnswerKey, GivenAnswers, prompt_key
from aisbench.given.backend import AnswerFiles, GivenBackend, prompt_keys
from aisbench.types.sample import Sample

SHOWN = 5


def some(names: Sequence[str]) -> str:
    """The first of them."""
    return ", ".join(map(repr, names[:SHOWN])) + (", ..." if len(names) > SHOWN else "")


def place_answers(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Tell models that are files which of their answers belong to which rows. Raises DataError."""
    held: AnswerFiles = {}
    for task in plan.tasks:
        backend = task.model.backend
        if isinstance(backend, GivenBackend):
            seed = plan.suite.suite.seed
            placing = Placing(task, rows[task.dataset.name], backend.read(held), seed)
            backend.placed.update(placing.found)


@define
class Placing:
    """The answers of one task, found by the ids of rows; by what stands behind part and split in
    them, where that is no other row's; by the places of rows; by their prompts, or a field of
    theirs, such as the question."""

    _task: Task
    _rows: Rows
    _answers: GivenAnswers
    _seed: int
    found: dict[str, AnswerKey] = field(init=False, factory=dict)
    """By sample."""
    unknown: list[AnswerKey] = field(init=False, factory=list)
    """Answers to no row of the data set."""
    beside: int = field(init=False, default=0)
    """Answers to rows that are not asked."""
    _example: str = field(init=False, default="")

    def __attrs_post_init__(self) -> None:
        held, places = self._answers.held, self._rows.places
        short = _short_ids(places)
        by_key = {("row", str(place)): name for name, (place, _) in places.items()}
        by_key |= {("id", own): name for own, name in short.items()}
        by_key |= {("id", name): name for name in places}
        asked = {one.id for one in self._rows.samples}
        left: dict[AnswerKey, None] = {}
        for key in held:
            name = by_key.get(key)
            if name in asked:
                self.found[name] = key
            elif name is not None:
                self.beside += 1
            else:
                left[key] = None
        if any(kind == "prompt" for kind, _ in left):
            self._by_prompt(left)
        chosen = self._rows.questions < self._rows.of
        self.unknown = [key for key in left if key[0] != "prompt" or not chosen]
        self.beside += len(left) - len(self.unknown)

    def _by_prompt(self, left: dict[AnswerKey, None]) -> None:
        """Find the rows of prompts, and take these out of ``left``."""
        fields = Counter(key for one in self._rows.samples for key in set(_field_keys(one)))
        for sample in self._rows.samples:
            if sample.id in self.found:
                continue
            names = list(self._prompts(sample))
            self._example = self._example or (names[-1] if names else "")
            names += [key for key in _field_keys(sample) if fields[key] == 1]
            key = next((("prompt", one) for one in names if ("prompt", one) in left), None)
            if key is not None:
                self.found[sample.id] = key
        for key in self.found.values():
            left.pop(key, None)

    def _prompts(self, sample: Sample) -> Iterator[str]:
        """What a row's prompt may be named by; of a dialogue the first is not known yet."""
        if dialogue(self._task) is None:
            yield from prompt_keys(render(self._task, self._rows, sample, self._seed))

    def error(self) -> DataError:
        """That there are unknown rows."""
        kind, first = self.unknown[0]
        where = self._answers.first(kind, first).place
        names = [name for of, name in self.unknown if of == kind]
        if kind == "prompt":
            return DataError(
                f"{where}: {len(names)} prompts are none that {self._task.label} asks",
                hint=f"variant {self._task.variant_name} asks {_shortened(self._example)!r}; give "
                "that, or the question alone as the data set has it, or `id` or `row` instead; or "
                "leave such answers out with --allow-unknown",
            )
        what = "ids" if kind == "id" else "numbers"
        return DataError(
            f"{where}: {len(names)} {what} are of no row of {self._task.dataset.name}: "
            f"{some(names)}",
            hint=f"its {len(self._rows.places)} ids are such as {some(list(self._rows.places))}; "
            "name the column of the ids with --field id=COLUMN, or that of the places of rows "
            "(from 0) with --field row=COLUMN, or leave such answers out with --allow-unknown",
        )


def _short_ids(places: Mapping[str, tuple[int, str]]) -> dict[str, str]:
    """What stands behind part and split in ids, if it does in one alone: ``70`` of
    ``business/test-70``, ``HumanEval/0`` of ``test-HumanEval/0``."""
    own = {
        name: name.removeprefix(f"{part}/" if part else "").partition("-")[2]
        for name, (_, part) in places.items()
    }
    counts = Counter(own.values())
    return {short: name for name, short in own.items() if short and counts[short] == 1}


def _field_keys(sample: Sample) -> Iterator[str]:
    return (prompt_key(one) for one in sample.fields.values() if isinstance(one, str) and one)


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:100]} [...] {text[-200:]}"
