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
from aisbench.store.held import LONG_ROW, HeldPrompts, RowFile, held_sample
from aisbench.store.journal import placed_rows
from aisbench.store.long_texts import found_in
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder
from aisbench.types.answer import Answer
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
    for row, _, _ in _placed_stored(path):
        yield row


def _placed_stored(path: Path) -> Iterator[tuple[StoredRow, int, int]]:
    """:func:`read_stored`, and of each row where in the file it begins, and its length."""
    seen: dict[str, int] = {}
    for number, placed in enumerate(placed_rows(path, stored_row), 1):
        row = placed[0]
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
        yield placed


def read_samples(run: RunFolder, dataset: str) -> Iterator[Sample]:
    """The chosen rows of a data set; long texts of theirs stay in the file. Raises DamageError,
    also when there are none."""
    path = run.samples(dataset)
    file: RowFile | None = None
    found = placed_rows(path, lambda row: converter().structure(row, Sample), needed=True)
    for sample, at, length in found:
        if length >= LONG_ROW:
            file = file or RowFile(path)
            sample = held_sample(sample, file, at, length)
        yield found_in(sample, run.texts)


def read_answers(
    task: Task, predictions: Path, tally: TokenTally | None = None
) -> dict[tuple[str, int], Answer]:
    """Answers by (sample, repeat); of several attempts at a turn the good one, else the last.
    The tokens of all are added to ``tally``. Long prompts stay in the file. Raises DamageError."""
    turns: dict[tuple[str, int], dict[int, _StoredTurn]] = defaultdict(dict)
    file: RowFile | None = None
    for row, at, length in _placed_stored(predictions):
        place = turns[row.sample, row.repeat]
        known = place.get(row.turn)
        if known is None or known.response.fault is not None:
            response = read_or_fail(row.response, task.model.common, row.sample)
            prompt: Prompt | tuple[int, int] = row.prompt
            if length >= LONG_ROW:
                file = file or RowFile(predictions)
                prompt = (at, length)
            place[row.turn] = _StoredTurn(prompt, response, row.timing)
        if tally is not None:
            tally.add(row.prompt, row.response)
    return {
        key: _answer([place[turn] for turn in sorted(place)], file) for key, place in turns.items()
    }


@frozen
class _StoredTurn:
    """A stored turn, with its prompt or where in the file that is."""

    prompt: Prompt | tuple[int, int]
    response: Response
    timing: Timing | None


def _answer(turns: Sequence[_StoredTurn], file: RowFile | None) -> Answer:
    known = [one.prompt for one in turns]
    short = tuple(one for one in known if isinstance(one, Prompt))
    return Answer(
        prompts=short if len(short) == len(known) or file is None else HeldPrompts(known, file),
        responses=tuple(one.response for one in turns),
        timings=tuple(one.timing for one in turns),
    )
