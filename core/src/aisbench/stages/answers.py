"""The stored answers of a task, by sample and repeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

from aisbench.base.errors import DamageError
from aisbench.config.plan import Task
from aisbench.stages.token_totals import TokenTally
from aisbench.stages.turn_failures import read_or_fail
from aisbench.store.journal import read_rows
from aisbench.store.long_texts import found_in
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder
from aisbench.types.answer import Answer, Step
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.timing import Timing


@frozen
class StoredRow:
    """The keys of a journal's row that are used here."""

    sample: str
    repeat: int
    turn: int
    key: str
    prompt: Prompt
    response: Response
    timing: Timing | None


def stored_row(row: Any) -> StoredRow:
    """A journal's row. Raises any exception for one that a run does not write."""
    return StoredRow(
        key=row["key"],
        sample=row["sample"],
        repeat=row["repeat"],
        turn=row["turn"],
        prompt=converter().structure(row["prompt"], Prompt),
        response=converter().structure(row["response"], Response),
        timing=_timing(row.get("timing")),
    )


_TIMES = tuple(one.name for one in attrs.fields(Timing))
_KINDS = frozenset({int, type(None)})


def _timing(stored: Any) -> Timing | None:
    if not stored:
        return None
    # By hand, as it is done for every row, whether or not an evaluator looks at it.
    times = {name: stored.get(name) for name in _TIMES}
    if not _KINDS.issuperset(map(type, times.values())):
        raise TypeError("an instant is an integer")
    return Timing(**times)


def read_stored(path: Path) -> Iterator[StoredRow]:
    """The rows of a journal. Raises DamageError for a damaged row, and for a second answer to a
    request, which is never sent again once it is answered."""
    seen: dict[str, int] = {}
    for number, row in enumerate(read_rows(path, stored_row), 1):
        # Requests of a load have no keys.
        if row.key and row.response.fault is None:
            first = seen.setdefault(row.key, number)
            if first != number:
                raise DamageError(
                    f"{path}:{number}: is damaged: line {first} holds an answer to the same "
                    f"request (sample {row.sample})",
                    hint="restore the file from a copy; or remove one of the lines (and "
                    "seals.json of the run)",
                )
        yield row


def read_samples(run: RunFolder, dataset: str) -> Iterator[Sample]:
    """The chosen rows of a data set. Raises DamageError, also when there are none."""
    path = run.samples(dataset)
    found = read_rows(path, lambda row: converter().structure(row, Sample), needed=True)
    return (found_in(sample, run.texts) for sample in found)


def read_answers(
    task: Task, predictions: Path, tally: TokenTally | None = None
) -> dict[tuple[str, int], Answer]:
    """Answers by (sample, repeat); of several attempts at a turn the good one, else the last.
    The tokens of all are added to ``tally``. Raises DamageError."""
    turns: dict[tuple[str, int], dict[int, Step]] = defaultdict(dict)
    for row in read_stored(predictions):
        place = turns[row.sample, row.repeat]
        held = place.get(row.turn)
        if held is None or held.response.fault is not None:
            response = read_or_fail(row.response, task.model.common, row.sample)
            place[row.turn] = Step(prompt=row.prompt, response=response, timing=row.timing)
        if tally is not None:
            tally.add(row.prompt, row.response)
    return {key: _answer([place[turn] for turn in sorted(place)]) for key, place in turns.items()}


def _answer(steps: Sequence[Step]) -> Answer:
    return Answer(
        prompts=tuple(one.prompt for one in steps),
        responses=tuple(one.response for one in steps),
        timings=tuple(one.timing for one in steps),
    )
