"""Figures of a whole data set, of its parts, and of groups of its parts."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping, Sequence

import attrs

from aisbench.contract.evaluators import Reducer
from aisbench.stages.means import harmonic_figure, mean_figure
from aisbench.types.figure import Figure
from aisbench.types.offer import PartGroup, parts_of
from aisbench.types.score import ScoreGroup

_SOME = re.compile(r"\(\d+ of \d+\)\Z")
"""The label of a data set's own mean, whose name is empty, over some of its members."""
MEAN_OF_PARTS = "mean of parts"
"""A group that core adds where there are parts: all of them, each with the same weight."""


def figures_of(
    reducer: Reducer, scores: Sequence[ScoreGroup], groups: Sequence[PartGroup]
) -> list[Figure]:
    """The whole data set's figures first, then those of groups, then those of parts.

    Without parts these are the reducer's figures. The name of a group says how many of its members
    have samples, where the suite left some out: ``stem (3 of 20)``. Raises ValueError, from the
    reducer, where the scores of the whole data set do not suffice; a part or group of which that
    is so has no figure.
    """
    by_part: dict[str, list[ScoreGroup]] = {}
    for one in scores:
        by_part.setdefault(one.part, []).append(one)
    whole = list(reducer.reduce(scores))
    if set(by_part) == {""}:
        return whole
    parts = {name: some_figures(reducer, members) for name, members in by_part.items()}
    maker = _GroupMaker(reducer, by_part, parts)
    own = [figure for group in groups for figure in maker.add(group)]
    mean = PartGroup(name=MEAN_OF_PARTS, members=tuple(parts), mean="members")
    over_parts = maker.add(mean) if len(parts) > 1 else []
    replaced = [figure for figure in own if not figure.part]
    found = [*(replaced or whole), *over_parts]
    found += [figure for figure in own if figure.part]
    found += [attrs.evolve(one, part=name) for name, many in parts.items() for one in many]
    return found


def whole_first(figures: Sequence[Figure]) -> list[Figure]:
    """The same, where the data set's own mean of some of its parts stands for the whole, as that
    of all of them would: with some parts it is not another kind of figure."""
    own = {one.name for one in figures if _SOME.match(one.part)}
    return [
        attrs.evolve(one, part="") if _SOME.match(one.part) else one
        for one in figures
        if one.part or one.name not in own
    ]


def part_share(groups: Sequence[PartGroup], parts: Collection[str]) -> tuple[str, ...]:
    """A sentence, where a data set's own mean is of some of its parts alone."""
    by_name = {group.name: group.members for group in groups}
    if "" not in by_name:
        return ()
    members = set(parts_of([""], by_name))
    there = members & set(parts)
    if not there or there == members:
        return ()
    return (f"its own figure is the mean of {len(there)} of its {len(members)} parts",)


def some_figures(reducer: Reducer, scores: Sequence[ScoreGroup]) -> list[Figure]:
    """The figures of some of a data set's scores; none where they do not suffice: parts may be
    scored by evaluators of their own, of which not each gives what the reducer sums up."""
    try:
        return list(reducer.reduce(scores))
    except ValueError:
        return []


class _GroupMaker:
    """The groups made so far, which further groups may have as members."""

    def __init__(
        self,
        reducer: Reducer,
        by_part: Mapping[str, Sequence[ScoreGroup]],
        parts: Mapping[str, Sequence[Figure]],
    ) -> None:
        self._reducer = reducer
        self._samples = dict(by_part)
        self._figures = dict(parts)

    def add(self, group: PartGroup) -> list[Figure]:
        present = [name for name in group.members if name in self._figures]
        if not present:
            return []
        samples = [one for name in present for one in self._samples[name]]
        if group.mean == "samples":
            figures = some_figures(self._reducer, samples)
        else:
            shares = group.weights or (1.0,) * len(group.members)
            weights = [shares[group.members.index(name)] for name in present]
            if not any(weights):
                return []
            members = [self._figures[name] for name in present]
            figures = _shared(members, weights, _mean_of(group))
        self._samples[group.name] = samples
        self._figures[group.name] = figures
        label = group.name
        if len(present) < len(group.members):
            label = f"{label} ({len(present)} of {len(group.members)})".strip()
        return [attrs.evolve(figure, part=label) for figure in figures]


def _shared(
    members: Sequence[Sequence[Figure]],
    weights: Sequence[float],
    mean: Callable[[Sequence[Figure], Sequence[float]], Figure],
) -> list[Figure]:
    """The mean of each figure that all members have."""
    first, *others = members
    found = []
    for figure in first:
        same = [next((one for one in many if one.name == figure.name), None) for many in others]
        known = [figure, *(one for one in same if one is not None)]
        if len(known) == len(members):
            found.append(mean(known, weights))
    return found


def _mean_of(group: PartGroup) -> Callable[[Sequence[Figure], Sequence[float]], Figure]:
    if group.mean == "harmonic":
        return functools.partial(harmonic_figure, plus=group.plus)
    return mean_figure
