"""Figures of groups of data sets, made of those of the data sets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import attrs
from attrs import define, field, frozen

from aisbench.config.group_keys import SuiteGroupTable
from aisbench.config.plan_groups import GroupPlan, MemberPlan
from aisbench.stages.means import harmonic_figure, mean_figure
from aisbench.types.figure import Figure
from aisbench.types.groups import GroupMember, GroupResult
from aisbench.types.results import TaskResult

SHOWN = 12
"""Names in a sentence."""

_IN_PART = re.compile(r" ?\(\d+ of \d+\)\Z")
"""What the name of a group of parts ends with where some of them are not there."""


def group_results(
    groups: Sequence[GroupPlan], tasks: Sequence[TaskResult]
) -> tuple[tuple[GroupResult, ...], tuple[str, ...]]:
    """Each group of each model (and load), in the order of the groups; and what a reader must know
    of them, in sentences."""
    results = []
    problems: dict[str, None] = {}
    of_models: dict[tuple[str, str], dict[str, TaskResult]] = {}
    for task in tasks:
        of_models.setdefault((task.model, task.load), {})[task.dataset] = task
    for group in groups:
        for (model, load), found in of_models.items():
            maker = _Maker({one.name: one for one in groups}, found)
            made = maker.make(group.name)
            problems.update(dict.fromkeys(maker.problems))
            results.append(
                GroupResult(
                    name=group.name,
                    title=group.title,
                    model=model,
                    load=load,
                    figure=made.figure,
                    members=made.members,
                    present=made.present,
                    total=made.total,
                    missing=made.missing,
                )
            )
    return tuple(results), tuple(problems)


@frozen(kw_only=True)
class _Made:
    """A group of one model, or a member of it."""

    figure: Figure | None = None
    members: tuple[GroupMember, ...] = ()
    present: int = 0
    total: int = 1
    missing: tuple[str, ...] = ()
    samples: Mapping[tuple[str, str], int] = field(factory=dict)
    """How many samples it is made of, by data set and part; the part is empty for the whole set,
    and for groups of its parts."""


@define
class _Maker:
    """Makes the groups of one model; ``tasks`` are its results by data set."""

    groups: Mapping[str, GroupPlan]
    tasks: Mapping[str, TaskResult]
    problems: list[str] = field(factory=list)
    _made: dict[str, _Made] = field(factory=dict)

    def make(self, name: str) -> _Made:
        """The group of that name."""
        if name not in self._made:
            self._made[name] = self._group(self.groups[name])
        return self._made[name]

    def _group(self, group: GroupPlan) -> _Made:
        found = [self._member(group, one) for one in group.members]
        members = [
            GroupMember(name=plan.name, figure=made.figure)
            for plan, made in zip(group.members, found, strict=True)
        ]
        missing = dict.fromkeys(one for made in found for one in made.missing)
        return _Made(
            figure=self._mean(group, found),
            samples={key: n for made in found for key, n in made.samples.items()},
            members=tuple(members),
            present=sum(made.present for made in found),
            total=sum(made.total for made in found),
            missing=tuple(missing),
        )

    def _member(self, group: GroupPlan, member: MemberPlan) -> _Made:
        if member.group:
            made = self.make(member.group)
        else:
            task = self.tasks.get(member.dataset)
            figure = None if task is None else _figure_of(task, member)
            if figure is None:
                if task is not None and not group.table.optional:
                    self.problems.append(f"groups.{group.name}: {_no_figure(task, member)}")
                return _Made(missing=(member.name,))
            in_part = _IN_PART.search(figure.part)
            missing = (f"{member.name}{in_part[0]}",) if in_part else ()
            assert task is not None
            made = _Made(
                figure=figure,
                present=1,
                missing=missing,
                samples={
                    (task.dataset, member.part if member.part in task.parts else ""): figure.n
                },
            )
        if member.floor and made.figure is not None:
            if made.figure.unit != "%":
                self.problems.append(
                    f"groups.{group.name}: {member.name} is left out: a floor needs a figure in "
                    f"per cent, and {made.figure.name} is in {made.figure.unit or 'numbers'}"
                )
                return _Made(total=made.total, missing=(member.name,))
            made = attrs.evolve(made, figure=_above(made.figure, member.floor))
        return made

    def _mean(self, group: GroupPlan, members: Sequence[_Made]) -> Figure | None:
        table = group.table
        given = table.weights or (1.0,) * len(members)
        pairs = [
            (one.figure, weight) for one, weight in zip(members, given, strict=True) if one.figure
        ]
        if table.mean == "none" or not any(weight for _, weight in pairs):
            return None
        known = [one for one, _ in pairs]
        weights = [float(one.n) if table.mean == "samples" else weight for one, weight in pairs]
        number, shared = _samples_of(members)
        try:
            figure = _mean_figure(table, known, weights, dependent=shared)
        except ValueError as error:
            self.problems.append(f"groups.{group.name}: {error}")
            return None
        names = {one.name for one in known}
        name = names.pop() if len(names) == 1 else "mean"
        return attrs.evolve(figure, name=name, n=number, part="")


def _mean_figure(
    table: SuiteGroupTable, known: Sequence[Figure], weights: Sequence[float], *, dependent: bool
) -> Figure:
    """The mean as a group asks for it. Raises ValueError, saying why there is none."""
    if len({(one.unit, one.better) for one in known}) > 1:
        units = ", ".join(sorted({f"{one.name} in {one.unit or 'numbers'}" for one in known}))
        raise ValueError(
            f"has no mean, as its members are of several kinds ({units}): say with `figure` which "
            "ones are meant"
        )
    if table.mean == "harmonic":
        return harmonic_figure(known, weights, plus=table.plus, dependent=dependent)
    if len(known) == 1:
        return known[0]
    return mean_figure(known, weights, dependent=dependent)


def _samples_of(members: Sequence[_Made]) -> tuple[int, bool]:
    """How many samples members are made of, each counted once, and whether any two share some."""
    keys = [key for one in members for key in one.samples]
    whole = {dataset for dataset, part in keys if not part}
    numbers = {key: n for one in members for key, n in one.samples.items()}
    number = sum(n for (dataset, part), n in numbers.items() if not part or dataset not in whole)
    shared = len(set(keys)) < len(keys) or any(part and dataset in whole for dataset, part in keys)
    return number, shared


def _figure_of(task: TaskResult, member: MemberPlan) -> Figure | None:
    """The figure that a member means: the first, where it names none."""
    for figure in task.figures:
        if member.figure in ("", figure.name) and _IN_PART.sub("", figure.part) == member.part:
            return figure
    return None


def _no_figure(task: TaskResult, member: MemberPlan) -> str:
    """What a member means that there is not, and what there is."""
    parts = dict.fromkeys(_IN_PART.sub("", one.part) for one in task.figures)
    if task.figures and member.part not in parts:
        known = _some([part for part in parts if part])
        return f"{task.dataset} has no part {member.part!r}; it has: {known}"
    names = [one.name for one in task.figures if _IN_PART.sub("", one.part) == member.part]
    known = _some(list(dict.fromkeys(names)))
    return f"{member.name} has no figure {member.figure!r}; it has: {known}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN]) or 'none'}{more}"


def _above(figure: Figure, floor: float) -> Figure:
    """A figure in per cent, counted from ``floor`` (0) to 100, and below it as 0: the normalised
    scores of the Open LLM Leaderboard 2."""
    scale = 100 / (100 - floor)

    def moved(value: float | None) -> float | None:
        return None if value is None else max(0.0, (value - floor) * scale)

    return attrs.evolve(
        figure,
        value=max(0.0, (figure.value - floor) * scale),
        stderr=None if figure.stderr is None else figure.stderr * scale,
        low=moved(figure.low),
        high=moved(figure.high),
        bound_low=moved(figure.bound_low),
        bound_high=moved(figure.bound_high),
    )
