"""What a judge was asked about an answer, and what it said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import orjson
from attrs import frozen

from aisbench.base.errors import DamageError
from aisbench.store.journal import placed_rows
from aisbench.store.rows import Prediction, converter
from aisbench.store.run import understanding
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.timing import Timing

Judged = tuple[str, int]
"""Sample and repeat."""
Turn = tuple[int, int]
"""Number of the judgement and turn of its conversation."""


@frozen(kw_only=True)
class Judgement:
    """One judgement of an answer: one entry a turn of the judge's own conversation. Responses are
    as its server sent them, with reasoning still in the text."""

    number: int
    """0, 1, ... where a judge is asked several times."""
    prompts: tuple[Prompt, ...]
    responses: tuple[Response, ...]
    timings: tuple[Timing, ...]
    url: str
    """Where the last turn was asked."""


def judged_answer(name: str) -> tuple[Judged, int]:
    """Which answer a row of a judge's journal is about, and the number of the judgement.

    Raises ValueError for a name that no run gives.
    """
    sample, repeat, number = name.rsplit("#", 2)
    return (sample, int(repeat)), int(number)


def places_of_judgements(path: Path) -> dict[Judged, list[int]]:
    """Of each judged answer the places of its rows, in their order: of several tries at one turn
    that of the good one, else of the last. Raises DamageError."""
    found: dict[Judged, dict[Turn, tuple[int, bool]]] = {}
    with understanding(path):
        for row, at, _ in placed_rows(path):
            answer, number = judged_answer(row["sample"])
            turns = found.setdefault(answer, {})
            turn = (number, int(row["turn"]))
            if not turns.get(turn, (0, False))[1]:
                turns[turn] = at, "fault" not in row["response"]
    return {answer: _in_order(turns) for answer, turns in found.items()}


def _in_order(turns: Mapping[Turn, tuple[int, bool]]) -> list[int]:
    return [at for _, (at, _) in sorted(turns.items())]


def read_judgements(path: Path, answer: Judged, places: Iterable[int]) -> tuple[Judgement, ...]:
    """The judgements of an ``answer`` whose rows begin at the bytes ``places``, those of one
    judgement one after the other.

    Raises DamageError where there are no such rows.
    """
    rows: list[tuple[int, Prediction]] = []
    with understanding(path), _opened(path) as file:
        for place in places:
            file.seek(place)
            row = converter().structure(orjson.loads(file.readline()), Prediction)
            judged, number = judged_answer(row.sample)
            if judged != answer:
                raise DamageError(
                    f"{path}: holds the judgement of another answer there",
                    hint="the file was changed since its rows were looked up",
                )
            rows.append((number, row))
    return tuple(
        _judgement(number, [row for _, row in group])
        for number, group in groupby(rows, key=lambda pair: pair[0])
    )


def _judgement(number: int, rows: list[Prediction]) -> Judgement:
    return Judgement(
        number=number,
        prompts=tuple(one.prompt for one in rows),
        responses=tuple(one.response for one in rows),
        timings=tuple(one.timing for one in rows),
        url=rows[-1].url,
    )


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise DamageError(f"{path}: cannot be read: {error.strerror or error}") from error
