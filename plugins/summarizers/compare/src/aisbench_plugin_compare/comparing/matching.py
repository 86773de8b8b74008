"""Which tasks and loads of two sides are of the same data."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Protocol

from attrs import frozen

from aisbench.api import AisbenchError
from aisbench_plugin_compare.foreign.matching import matched
from aisbench_plugin_compare.sides.side import KEY_KINDS, ComparedSide, Load, SideTask


class Named(Protocol):
    """What belongs to a model and a data set."""

    @property
    def model(self) -> str: ...

    @property
    def dataset(self) -> str: ...


@frozen(kw_only=True)
class MatchedSides:
    """What two sides have in common, and the labels of what one of them alone has."""

    tasks: Sequence[tuple[str, SideTask, SideTask]]
    """Each with the name that its figures go by."""
    loads: Sequence[tuple[str, Sequence[Load], Sequence[Load]]]
    """Each with its repeats on both sides."""
    left_only: Sequence[str]
    right_only: Sequence[str]
    lost_tasks: Sequence[tuple[str, SideTask]]
    """Of the left side alone, each with the name that its figures would go by."""
    lost_loads: Sequence[tuple[str, Load]]


def match(left: ComparedSide, right: ComparedSide) -> MatchedSides:
    """Tasks by data set, and by model where a side has several; tasks whose data sets have other
    names, by their content. Raises AisbenchError where models cannot be told apart, and where
    nothing is in common."""
    tasks, ours, theirs = _matched_tasks(left, right)
    loads, our_loads, their_loads = _matched_loads(left, right)
    by_model = len({one.model for one in left.tasks} | {one.model for one in left.loads}) > 1
    if not tasks and not loads:
        raise AisbenchError(
            f"{left.label} and {right.label} have nothing in common",
            hint=f"{left.label} has: {_list(left)}; {right.label} has: {_list(right)}",
        )
    return MatchedSides(
        tasks=tasks,
        loads=loads,
        left_only=[*(one.label for one in ours), *(one.name for one in our_loads)],
        right_only=[*(one.label for one in theirs), *(one.name for one in their_loads)],
        lost_tasks=[(_name(one, by_model=by_model), one) for one in ours],
        lost_loads=[(_load_name(one, by_model=by_model), one) for one in our_loads],
    )


def _matched_tasks(
    left: ComparedSide, right: ComparedSide
) -> tuple[list[tuple[str, SideTask, SideTask]], list[SideTask], list[SideTask]]:
    by_model = _by_model(left, right, left.tasks, right.tasks)

    def key(one: SideTask) -> Hashable:
        return (one.model if by_model else "", one.dataset, one.load)

    theirs = {key(one): one for one in right.tasks}
    found: list[tuple[str, SideTask, SideTask]] = []
    rest: list[SideTask] = []
    for one in left.tasks:
        other = theirs.pop(key(one), None)
        if other is None:
            rest.append(one)
        else:
            found.append((_name(one, by_model=by_model), one, other))
    left_over = list(theirs.values())
    for one in list(rest):
        same = [other for other in left_over if _share(one, other)]
        if len(same) == 1:
            found.append((_name(one, by_model=by_model), one, same[0]))
            rest.remove(one)
            left_over.remove(same[0])
    return found, rest, left_over


def _share(left: SideTask, right: SideTask) -> bool:
    """Whether half of the smaller one's rows are in the other, by any key but their ids."""
    left, right = matched(left, right)
    least = min(len(left.rows), len(right.rows))
    for kind in KEY_KINDS[:-1]:
        ours, theirs = ({row.keys.get(kind) for row in task.rows} for task in (left, right))
        if len((ours & theirs) - {None}) * 2 >= max(least, 1):
            return True
    return False


def _matched_loads(
    left: ComparedSide, right: ComparedSide
) -> tuple[list[tuple[str, Sequence[Load], Sequence[Load]]], list[Load], list[Load]]:
    by_model = _by_model(left, right, left.loads, right.loads)
    sides = [_repeats(side.loads, by_model=by_model) for side in (left, right)]
    ours, theirs = sides[0], sides[1]
    if len(ours) == len(theirs) == 1 and set(ours) != set(theirs):
        # One load each: which is meant is clear, and what differs is told.
        ours = {"": next(iter(ours.values()))}
        theirs = {"": next(iter(theirs.values()))}
    found = [
        (_load_name(many[0], by_model=by_model), many, theirs[key])
        for key, many in ours.items()
        if key in theirs
    ]
    rest = [one for key, many in ours.items() if key not in theirs for one in many]
    left_over = [one for key, many in theirs.items() if key not in ours for one in many]
    return found, rest, left_over


def _repeats(loads: Iterable[Load], *, by_model: bool) -> dict[Hashable, Sequence[Load]]:
    found: dict[Hashable, list[Load]] = {}
    for one in loads:
        key = (one.model if by_model else "", one.dataset, one.label)
        found.setdefault(key, []).append(one)
    return {**found}


def _by_model(
    left: ComparedSide, right: ComparedSide, ours: Sequence[Named], theirs: Sequence[Named]
) -> bool:
    """Whether models are matched by their names: where a side has several. Raises AisbenchError
    where their names have nothing in common."""
    names = [list(dict.fromkeys(one.model for one in side)) for side in (ours, theirs)]
    if not names[0] or not names[1] or (len(names[0]) == len(names[1]) == 1):
        return False
    if set(names[0]) & set(names[1]):
        return True
    several, side = (names[0], left) if len(names[0]) > 1 else (names[1], right)
    raise AisbenchError(
        f"{side.label} has several models, and none of the other side's name: "
        f"{', '.join(several)}",
        hint=f"name one of them: {side.source}:{several[0]}",
    )


def _name(task: SideTask, *, by_model: bool) -> str:
    return "/".join(filter(None, (task.model if by_model else "", task.dataset, task.load)))


def _load_name(load: Load, *, by_model: bool) -> str:
    return "/".join(filter(None, (load.model if by_model else "", load.dataset, load.label)))


def _list(side: ComparedSide) -> str:
    return ", ".join([*(one.label for one in side.tasks), *(one.name for one in side.loads)])
