"""Points that were tried, judged again: by other limits, or by another objective."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from aisbench.config.plan import Plan, TunedServer, TunePlan
from aisbench.config.tune_command import shown
from aisbench.stages.load_place import LoadPlace
from aisbench.stages.measure import finish_load, is_finished, measure_load
from aisbench.stages.report_keys import report_as
from aisbench.stages.tune_verdict import best_of, front_of, judge
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.run import RunFolder
from aisbench.types.performance import PerformanceResult
from aisbench.types.tuning import TunePoint, TuneResult

JUDGED = ("held", "not held", "client", "no figure")
"""Verdicts on what loads measured; the others are on the server."""
JUDGING = ("objective", "against")
"""Keys of what a point was asked that change nothing of what is sent."""


def tried_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two points were tried alike, whatever they were judged by."""
    return _tried(one) == _tried(other)


def _tried(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    kept: dict[str, Any] = {key: value for key, value in asked.items() if key not in JUDGING}
    # The limits of a search say which loads it runs.
    kept["loads"] = {
        task: {key: value for key, value in load.items() if key != "slo" or load["search"]}
        for task, load in asked["loads"].items()
    }
    return kept


def judged_now(
    plan: Plan, tune: TunePlan, server: TunedServer, run: RunFolder, point: TunePoint
) -> TunePoint | None:
    """A point of an earlier session with what its loads come to now; None where they do not tell.
    Raises StoreError, DamageError."""
    if point.verdict not in JUDGED:
        return point
    if point.searches:
        return None
    found = list(_measured(plan, run, server, point))
    known = [one for one in found if one is not None]
    return judged_by(point, known, tune) if known and len(known) == len(found) else None


def _measured(
    plan: Plan, run: RunFolder, server: TunedServer, point: TunePoint
) -> Iterator[PerformanceResult | None]:
    """The loads of a point, reported as the suite wants it now; None for one that is not whole."""
    place = LoadPlace(f"point={point.number}")
    for task in plan.tasks:
        if task.model.local or task.model.service.server != server.name:
            continue
        for planned in plan.loads[task.model.name].points:
            label = place.label(planned.label)
            folder = LoadFolder(run.load(task.model.name, task.dataset.name, label))
            if not is_finished(folder):
                yield None
                continue
            finish_load(folder, task)
            report_as(run, folder, planned)
            yield measure_load(run, task, folder, label)


def judged_by(point: TunePoint, loads: Sequence[PerformanceResult], tune: TunePlan) -> TunePoint:
    """A point with the verdict on these loads."""
    outcome = judge(loads, point.searches, tune.objective, tune.against)
    return attrs.evolve(
        point,
        verdict=outcome.verdict,
        why=outcome.why,
        objective=outcome.objective,
        against=outcome.against,
    )


def told_again(
    result: TuneResult, tune: TunePlan, loads: Sequence[PerformanceResult]
) -> TuneResult:
    """A tuning whose points are judged by ``loads``, which were measured with other limits. What
    was searched stays as it was."""
    points = tuple(_told(one, tune, result.models, loads) for one in result.points)
    best = best_of(points, result.better)
    return attrs.evolve(
        result,
        points=points,
        best=None if best is None else best.number,
        front=front_of(points, result.better, tune.against.better),
        command="" if best is None else shown(best.command),
    )


def _told(
    point: TunePoint,
    tune: TunePlan,
    models: Sequence[str],
    loads: Sequence[PerformanceResult],
) -> TunePoint:
    found = [one for one in loads if one.model in models and one.load in point.loads]
    if point.searches or point.verdict not in JUDGED or not found:
        return point
    return judged_by(point, found, tune)
