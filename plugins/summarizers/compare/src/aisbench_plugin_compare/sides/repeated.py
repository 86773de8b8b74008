"""Several runs as one side: their answers and loads are repeats of one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
from attrs import frozen

from aisbench_plugin_compare.sides.side import (
    Answers,
    ComparedSide,
    SideAnswer,
    SideMeasure,
    SideTask,
)


def together(sides: Sequence[ComparedSide], label: str) -> ComparedSide:
    """One side. Tasks of one model, data set and load become one task with all their answers:
    those of the second run are further repeats."""
    tasks: dict[tuple[str, str, str], list[SideTask]] = {}
    for side in sides:
        for task in side.tasks:
            tasks.setdefault((task.model, task.dataset, task.load), []).append(task)
    first = sides[0]
    return attrs.evolve(
        first,
        label=label,
        source=", ".join(one.source for one in sides),
        tasks=[_joined(many) for many in tasks.values()],
        loads=[load for side in sides for load in side.loads],
        groups=[],
        notes=[note for side in sides for note in side.notes],
    )


def _joined(tasks: Sequence[SideTask]) -> SideTask:
    first = tasks[0]
    if len(tasks) == 1:
        return first
    rows = []
    begun = [0]
    repeats = 0
    for task in tasks:
        rows += [
            attrs.evolve(row, repeat=row.repeat + repeats, place=place + begun[-1])
            for place, row in enumerate(task.rows)
        ]
        repeats += 1 + max((row.repeat for row in task.rows), default=0)
        begun.append(len(rows))
    return attrs.evolve(
        first,
        rows=rows,
        measures=[one for each in first.measures if (one := _measure(each, tasks)) is not None],
        # What the runs told is of each of them alone.
        figures=(),
        answers=_Several(tasks, begun),
        notes=[note for task in tasks for note in task.notes],
    )


def _measure(first: SideMeasure, tasks: Sequence[SideTask]) -> SideMeasure | None:
    """The measure over all tasks; None where one of them lacks it."""
    found = [one for task in tasks for one in task.measures if one.name == first.name]
    if len(found) < len(tasks):
        return None
    weights = [one.weights for one in found if one.weights is not None]
    if weights and len(weights) < len(found):
        return None
    return attrs.evolve(
        first,
        values=np.concatenate([one.values for one in found]),
        weights=np.concatenate(weights) if weights else None,
    )


@frozen
class _Several(Answers):
    """Answers of several tasks, one after the other."""

    tasks: Sequence[SideTask]
    begun: Sequence[int]

    def read(self, places: Sequence[int]) -> Iterator[tuple[int, SideAnswer]]:
        for task, start, end in zip(self.tasks, self.begun, self.begun[1:], strict=False):
            wanted = {
                task.rows[place - start].place: place for place in places if start <= place < end
            }
            for own, answer in task.answers.read(list(wanted)):
                yield wanted[own], answer
