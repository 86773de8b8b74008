"""Two sides compared: everything that reports and gates need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from attrs import frozen

from aisbench_plugin_compare.comparing.difference import Difference, judged
from aisbench_plugin_compare.comparing.fairness import Differing, Fairness, differing, fairness
from aisbench_plugin_compare.comparing.fairness import outcomes as outcomes_of
from aisbench_plugin_compare.comparing.flips import FlippedAnswers, flips_of
from aisbench_plugin_compare.comparing.label_figures import ComparedLabel, compared_labels
from aisbench_plugin_compare.comparing.load_figures import LoadComparison, figure_names
from aisbench_plugin_compare.comparing.matching import MatchedSides, match
from aisbench_plugin_compare.comparing.pairing import Pairs, pair
from aisbench_plugin_compare.comparing.scores import ScoreComparison, told_difference
from aisbench_plugin_compare.foreign.matching import matched
from aisbench_plugin_compare.sides.side import ComparedSide, Load, SideTask

if TYPE_CHECKING:
    from aisbench_plugin_compare.foreign.cause import CauseReport

SEED = 20240229
"""Of the draws, where none is given: fixed, so that a comparison says the same every time."""


@frozen(kw_only=True)
class ComparedTask:
    """One data set on both sides."""

    name: str
    left: SideTask
    right: SideTask
    pairs: Pairs
    fairness: Fairness
    figures: Sequence[Difference]
    parts: Sequence[Difference]
    flips: FlippedAnswers
    left_outcomes: Mapping[str, int]
    right_outcomes: Mapping[str, int]
    causes: CauseReport | None = None


@frozen(kw_only=True)
class ComparedLoad:
    """One load on both sides, each with its repeats."""

    name: str
    left: Sequence[Load]
    right: Sequence[Load]
    found: Sequence[Differing]
    figures: Sequence[Difference]
    labels: Sequence[ComparedLabel]
    replicated: bool
    one_tool: bool
    causes: CauseReport | None = None


@frozen(kw_only=True)
class SideComparison:
    """``right`` against ``left``, the baseline."""

    left: ComparedSide
    right: ComparedSide
    tasks: Sequence[ComparedTask]
    loads: Sequence[ComparedLoad]
    groups: Sequence[Difference]
    left_only: Sequence[str]
    right_only: Sequence[str]
    lost: Sequence[str]
    """Names of figures that the left side has, and the right one has not: a gate that means them
    too cannot be decided."""
    same_run: bool
    one_tool: bool
    seed: int

    @property
    def figures(self) -> list[Difference]:
        """All of them, those of parts last."""
        return [
            *(one for task in self.tasks for one in task.figures),
            *self.groups,
            *(one for load in self.loads for one in load.figures),
            *(one for task in self.tasks for one in task.parts),
        ]


def compare(
    left: ComparedSide, right: ComparedSide, seed: int = SEED, *, causes: bool = False
) -> SideComparison:
    """Compare two sides. ``causes`` sorts the differing samples by what made them differ.

    Raises AisbenchError where they have nothing in common.
    """
    found = match(left, right)
    tasks = [_task(left, right, *one, seed, causes=causes) for one in found.tasks]
    loads = [_load(left, right, *one, seed, causes=causes) for one in found.loads]
    return SideComparison(
        left=left,
        right=right,
        tasks=_one_family(tasks),
        loads=loads,
        groups=_groups(left, right),
        lost=_lost(
            found,
            [
                *(figure for task in tasks for figure in task.figures),
                *(figure for load in loads for figure in load.figures),
            ],
        ),
        left_only=found.left_only,
        right_only=found.right_only,
        same_run=_is_same(left, right),
        one_tool=left.tool == right.tool,
        seed=seed,
    )


def _is_same(left: ComparedSide, right: ComparedSide) -> bool:
    """Whether both are one run, and the same models of it."""
    if Path(left.source).resolve() != Path(right.source).resolve():
        return False
    models = [
        {one.model for one in side.tasks} | {one.model for one in side.loads}
        for side in (left, right)
    ]
    return models[0] == models[1]


def _lost(found: MatchedSides, known: Iterable[Difference]) -> list[str]:
    """Names of figures that the left side has, and nothing is compared of."""
    tasks = [*((name, one) for name, one, _ in found.tasks), *found.lost_tasks]
    loads = [*((name, many[0]) for name, many, _ in found.loads), *found.lost_loads]
    names = [f"{name}.{figure}" for name, one in tasks for figure in _task_figures(one)]
    names += [f"{name}.{figure}" for name, one in loads for figure in figure_names(one)]
    compared = {one.name for one in known}
    return [one for one in dict.fromkeys(names) if one not in compared]


def _task_figures(task: SideTask) -> list[str]:
    return [
        *(one.name for one in task.measures),
        *(one.name for one in task.figures if not one.part),
    ]


def _task(
    left_side: ComparedSide,
    right_side: ComparedSide,
    name: str,
    left: SideTask,
    right: SideTask,
    seed: int,
    *,
    causes: bool,
) -> ComparedTask:
    one_tool = left_side.tool == right_side.tool
    ours = one_tool and left_side.tool == "aisbench"
    if not ours:
        left, right = matched(left, right)
    pairs = pair(left, right, one_tool=ours)
    scores = ScoreComparison(name, left, right, pairs, seed)
    return ComparedTask(
        name=name,
        left=left,
        right=right,
        pairs=pairs,
        fairness=fairness(
            left, right, pairs, (left_side.facts, right_side.facts), one_tool=one_tool
        ),
        figures=scores.figures(),
        parts=scores.parts(),
        flips=flips_of(left, right, pairs),
        left_outcomes=outcomes_of(left, [i for one in pairs.samples for i in one.left]),
        right_outcomes=outcomes_of(right, [i for one in pairs.samples for i in one.right]),
        causes=_causes(left, right, pairs) if causes else None,
    )


def _causes(left: SideTask, right: SideTask, pairs: Pairs) -> CauseReport:
    from aisbench_plugin_compare.foreign.causes import sort_causes

    return sort_causes(left, right, pairs.rows)


def _load_causes(left: Load, right: Load) -> CauseReport:
    from aisbench_plugin_compare.foreign.load_causes import sort_load_causes

    return sort_load_causes(left, right)


def _one_family(tasks: Sequence[ComparedTask]) -> list[ComparedTask]:
    """The figures of all data sets are one family of tests."""
    figures = iter(judged([one for task in tasks for one in task.figures]))
    return [attrs.evolve(task, figures=[next(figures) for _ in task.figures]) for task in tasks]


def _load(
    left_side: ComparedSide,
    right_side: ComparedSide,
    name: str,
    left: Sequence[Load],
    right: Sequence[Load],
    seed: int,
    *,
    causes: bool,
) -> ComparedLoad:
    loads = LoadComparison(name, left, right, seed)
    one_tool = left_side.tool == right_side.tool
    run = differing(left_side.facts, right_side.facts, one_tool=one_tool)
    return ComparedLoad(
        name=name,
        left=left,
        right=right,
        found=[*run, *differing(left[0].facts, right[0].facts, one_tool=one_tool)],
        figures=loads.figures(),
        labels=compared_labels(name, left, right),
        replicated=loads.replicated,
        one_tool=one_tool,
        causes=_load_causes(left[0], right[0]) if causes else None,
    )


def _groups(left: ComparedSide, right: ComparedSide) -> list[Difference]:
    """Groups of data sets: one of each model on both sides."""
    single = all(len({one.part for one in side.groups}) <= 1 for side in (left, right))
    theirs = {(one.name, "" if single else one.part): one for one in right.groups}
    return judged(
        [
            attrs.evolve(told_difference("", one, other), note="of the groups' own intervals")
            for one in left.groups
            if (other := theirs.get((one.name, "" if single else one.part))) is not None
        ]
    )
