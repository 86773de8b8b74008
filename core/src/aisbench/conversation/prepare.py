"""Reading the data and choosing the rows, with every check that needs no request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast, overload

import attrs
from attrs import field, frozen

from aisbench.base.errors import DataError, PluginError
from aisbench.config.plan import DatasetPlan, Plan, Task
from aisbench.contract.datasets import AsyncDialogueDataset, DialogueDataset
from aisbench.contract.prompts import Retriever, Template
from aisbench.conversation.choosing import always_asked, choose, named_questions
from aisbench.conversation.cutting import cut
from aisbench.conversation.examples import ExamplePool, check_pool, unasked
from aisbench.conversation.references import check_references
from aisbench.conversation.sessions import SessionPlans, session_plans
from aisbench.media.store import MediaStore
from aisbench.plugins.targets import named
from aisbench.store.environment import checksums
from aisbench.store.files import replacing
from aisbench.store.held import LONG_ROW, RowFile, held_sample
from aisbench.store.long_texts import kept_in, without_folder
from aisbench.store.rows import dump_row
from aisbench.store.run import RunFolder
from aisbench.types.prompt import Prompt
from aisbench.types.sample import Sample


@frozen(kw_only=True)
class Rows:
    """The rows of a data set that will be asked, and the pool of examples; ``left_out`` is how
    many are kept out of it because they hold a question that is asked."""

    samples: Sequence[Sample]
    examples: Sequence[Sample]
    left_out: int = 0
    checksums: Mapping[str, str]
    media: MediaStore = field(factory=MediaStore)
    """Pictures, sounds and films of all data sets of a plan."""
    places: Mapping[str, tuple[int, str]] = field(factory=dict)
    """Of all rows of the data set, asked or not: where each id stands, from 0, and its part."""
    questions: int = 0
    """How many of them are asked, of ``of`` that the data set has."""
    of: int = 0
    _by_part: dict[str, Sequence[Sample]] = field(init=False, factory=dict, repr=False, eq=False)
    _looked: list[tuple[SessionPlans | None, Sequence[int | None]]] = field(
        init=False, factory=list, repr=False, eq=False
    )

    @property
    def sessions(self) -> SessionPlans | None:
        """The sessions that they are steps of; None where each stands alone."""
        return self._look()[0]

    @property
    def arrivals_ns(self) -> Sequence[int | None]:
        """When a trace recorded each session, or each row where there are none."""
        sessions, alone = self._look()
        return alone if sessions is None else sessions.arrivals_ns

    def _look(self) -> tuple[SessionPlans | None, Sequence[int | None]]:
        """Once: rows of long prompts may be made anew whenever they are looked at."""
        if not self._looked:
            arrivals: list[int | None] = []

            def seen() -> Iterator[Sample]:
                for one in self.samples:
                    arrivals.append(one.arrival_ns)
                    yield one

            self._looked.append((session_plans(seen()), arrivals))
        return self._looked[0]

    @property
    def width(self) -> int:
        """How many requests at once one of their sessions may send."""
        return 1 if self.sessions is None else max(one.width for one in self.sessions.plans)

    def pool(self, sample: Sample) -> Sequence[Sample]:
        """The few-shot examples for ``sample``: where examples have parts, those of its part."""
        part = sample.part
        if part not in self._by_part:
            mine = [one for one in self.examples if not one.part or one.part == part]
            self._by_part[part] = mine if len(mine) < len(self.examples) else self.examples
        return self._by_part[part]


def asked_of(task: Task, samples: Sequence[Sample]) -> Sequence[Sample]:
    """Those of a data set's chosen rows that the task's model is asked, and that they build on:
    all, unless the suite's ``ids`` differ by model. Raises DataError."""
    ids = task.dataset.common.ids
    if not isinstance(ids, Mapping):
        return samples
    wanted = named_questions(task.dataset.name, ids.get(task.model.name, ()), samples)
    kept = {one.id for one in samples if one.question in wanted} | always_asked(samples)
    for sample in reversed(samples):
        if sample.id in kept:
            kept.update(sample.after)
    return [one for one in samples if one.id in kept]


def prepare(plan: Plan) -> dict[str, Rows]:
    """Read every data set of the plan. Raises DataError."""
    media = MediaStore()
    return {dataset.name: _read_rows(dataset, plan, media) for dataset in plan.datasets}


def _read_rows(dataset: DatasetPlan, plan: Plan, media: MediaStore) -> Rows:
    seed = plan.suite.suite.seed
    with named(dataset.listed, "fails at samples()"):
        samples = dataset.dataset.samples()
    _check_order(dataset, samples)
    if any(sample.after for sample in samples):
        _check_following(dataset)
    choice = choose(dataset.name, dataset.common, samples, seed)
    chosen = choice.samples
    tasks = [task for task in plan.tasks if task.dataset is dataset]
    if plan.suite.suite.mode != "performance":
        for task in _with_distinct_evaluators(tasks):
            check_references(task, chosen)
    few_shot = [task for task in tasks if task.shots]
    pool = ExamplePool(examples=(), left_out=0)
    if few_shot:
        with named(dataset.listed, "fails at examples()"):
            examples = dataset.dataset.examples()
        pool = unasked(few_shot[0], samples, examples, media)
    with named(dataset.listed, "fails at files()"):
        files = dataset.dataset.files()
    rows = Rows(
        samples=chosen,
        examples=pool.examples,
        left_out=pool.left_out,
        checksums=checksums(files),
        media=media,
        places={one.id: (place, one.part) for place, one in enumerate(samples)},
        questions=choice.questions,
        of=choice.of,
    )
    for task in few_shot:
        for sample in {sample.part: sample for sample in reversed(chosen)}.values():
            check_pool(task, rows.pool(sample), pool.left_out, sample, seed)
    return rows


def _check_order(dataset: DatasetPlan, samples: Sequence[Sample]) -> None:
    """Raises DataError without rows, for an id that comes twice, and for a row that does not
    stand behind those that it builds on, as it would never be asked."""
    if not samples:
        raise DataError(f"datasets.{dataset.name}: the data set has no rows")
    seen: set[str] = set()
    for sample in samples:
        if sample.id in seen:
            raise DataError(f"datasets.{dataset.name}: two rows have the id {sample.id!r}")
        for name in sample.after:
            if name not in seen:
                raise DataError(
                    f"datasets.{dataset.name}: row {sample.id!r} comes after {name!r}, which does "
                    "not stand before it"
                )
        seen.add(sample.id)


def _check_following(dataset: DatasetPlan) -> None:
    """Raises PluginError where dialogues that build on others cannot be played. Rows of one prompt
    only wait for those that they follow."""
    if dataset.offer.dialogue and not hasattr(dataset.dataset, "follow"):
        raise PluginError(
            f"datasets.{dataset.name}: rows of {dataset.offer.name!r} build on others, but its "
            "dialogues have no follow()"
        )


def _with_distinct_evaluators(tasks: Sequence[Task]) -> list[Task]:
    """One task for each evaluator with its settings: often one for all models."""
    distinct: list[Task] = []
    for task in tasks:
        if task.evaluator is not None and not any(_score_alike(task, one) for one in distinct):
            distinct.append(task)
    return distinct


def _score_alike(task: Task, other: Task) -> bool:
    pairs = zip(task.scorings, other.scorings, strict=False)
    return all(
        one.evaluator.listed == two.evaluator.listed
        and one.evaluator.settings == two.evaluator.settings
        for one, two in pairs
    )


MOST_CHECKED = 10_000
"""Rows whose own sampling settings are checked."""


def check_rows(plan: Plan, rows: Mapping[str, Rows]) -> None:
    """Raises DataError when rows carry sampling settings that a backend refuses."""
    for task in plan.tasks:
        seen: set[frozenset[str]] = set()
        for sample in rows[task.dataset.name].samples[:MOST_CHECKED]:
            keys = frozenset(sample.generation)
            if not keys or keys in seen:
                continue
            seen.add(keys)
            merged = {**task.generation, **sample.generation}
            refused = task.model.backend.refused(merged)
            for key in sorted(refused.keys() & keys):
                raise DataError(
                    f"{task.label}: row {sample.id!r} asks for generation.{key}, which "
                    f"{task.model.offer.name} refuses",
                    hint=_left_out(task.dataset, key, refused[key]),
                )


def _left_out(dataset: DatasetPlan, key: str, why: str) -> str:
    """Why a key is refused, and how to leave it out, if the data set has a setting of that
    name."""
    if getattr(dataset.settings, key, None) is not True:
        return why
    return f"{why}; datasets.{dataset.name}.{key} = false leaves it out"


def keep_media(run: RunFolder, rows: Mapping[str, Rows]) -> dict[str, Rows]:
    """Keep in the run what the rows' prompts hold and is no file of the user's, and long texts of
    evaluators. Returns the rows without contents in their fields, which then say where in the run
    these are.

    Raises DataError, StoreError.
    """
    kept = {}
    for name, chosen in rows.items():
        chosen.media.keep_in(run.media)
        without = chosen.media.without_contents

        def change(sample: Sample, without: Callable[[Sample], Sample] = without) -> Sample:
            return kept_in(without(sample), run.texts)

        samples: Sequence[Sample] = ChangedRows(chosen.samples, change)
        if isinstance(chosen.samples, list):
            samples = list(samples)
        examples = list(map(without, chosen.examples))
        kept[name] = attrs.evolve(chosen, samples=samples, examples=examples)
    return kept


class ChangedRows(Sequence[Sample]):
    """Rows that are changed when they are read: those that are made when they are read are too
    many for the memory."""

    def __init__(self, rows: Sequence[Sample], change: Callable[[Sample], Sample]) -> None:
        self._rows, self._change = rows, change

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> ChangedRows: ...

    def __getitem__(self, index: int | slice) -> Sample | ChangedRows:
        if isinstance(index, slice):
            return ChangedRows(self._rows[index], self._change)
        return self._change(self._rows[index])


def write_samples(run: RunFolder, rows: Mapping[str, Rows], *, hold: bool = False) -> None:
    """Keep the chosen rows in the run, for the stages that follow. With ``hold`` long texts of
    those that are in memory stay in the run's files alone. Raises StoreError."""
    for name, chosen in rows.items():
        samples = chosen.samples
        held = samples if hold and isinstance(samples, list) else None
        written: RowFile | None = None
        at = 0
        # Row by row: those of long documents are as large as what is in memory of them.
        with replacing(run.samples(name)) as temporary, temporary.open("wb") as file:
            for number, one in enumerate(samples):
                line = dump_row(without_folder(one))
                file.write(line)
                if held is not None and len(line) >= LONG_ROW:
                    file.flush()
                    written = written or RowFile(temporary)
                    # At once: a text that was written has its UTF-8 beside itself.
                    held[number] = held_sample(one, written, at, len(line))
                at += len(line)
        if written is not None:
            written.path = run.samples(name)


def render(task: Task, rows: Rows, sample: Sample, seed: int) -> Prompt:
    """The first prompt of a sample. Raises what its retriever and its template raise."""
    return rendered(task, sample, shots_of(task, rows, sample, seed))


def shots_of(task: Task, rows: Rows, sample: Sample, seed: int) -> Sequence[Sample]:
    """The few-shot examples that a sample's prompt shows. Raises what the retriever raises."""
    if task.retriever is None:
        return ()
    retriever: Retriever = task.retriever.instance
    return retriever.pick(sample, rows.pool(sample), task.shots, seed)


def rendered(task: Task, sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """The first prompt of a sample. Raises what the template raises, and TypeError where it
    makes no prompt."""
    template: Template = task.template.instance
    prompt = template.render(sample, shots)
    if not isinstance(prompt, Prompt):
        raise TypeError(f"render() gave {type(prompt).__name__}, not a Prompt")
    if (most := task.dataset.common.prompt_tokens) is not None:
        return cut(prompt, most, task.model.common.tokenizer)
    return prompt


def dialogue(task: Task) -> DialogueDataset | AsyncDialogueDataset | None:
    """The data set's player of conversations, when it has several turns."""
    if not task.dataset.offer.dialogue:
        return None
    return cast("DialogueDataset", task.dataset.dataset)
