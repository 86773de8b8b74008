"""All results of a run, from its files: scores, figures of loads, searches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from aisbench.config.plan import Plan
from aisbench.errors import AisbenchError
from aisbench.stages.evaluate import evaluate, read_results
from aisbench.stages.load import read_searches
from aisbench.stages.measure import measure_all
from aisbench.store.run import RunFolder
from aisbench.types.figure import Figure
from aisbench.types.performance import PerformanceResult
from aisbench.types.results import SuiteResult, TaskResult

JUDGED = ("accuracy", "both")


def collect(plan: Plan, run: RunFolder, warnings: Sequence[str] = ()) -> SuiteResult:
    """Score what is to be scored, and measure every load. Raises AisbenchError."""
    result = SuiteResult(name=plan.suite.suite.name, run=run.path, complete=True)
    performance = _performance(plan, run, {})
    if plan.suite.suite.mode in JUDGED:
        result = evaluate(plan, run)
    return attrs.evolve(_together(plan, run, result, performance), warnings=tuple(warnings))


def recall(plan: Plan, run: RunFolder, changes: Mapping[str, Any]) -> SuiteResult:
    """The stored scores, and every load measured anew with ``changes`` of its report."""
    result = SuiteResult(name=plan.suite.suite.name, run=run.path, complete=True)
    performance = _performance(plan, run, changes)
    if plan.suite.suite.mode in JUDGED:
        # A load that was killed before it could be scored is scored now.
        result = read_results(plan, run) if run.results.exists() else evaluate(plan, run)
    return _together(plan, run, result, performance)


def _performance(
    plan: Plan, run: RunFolder, changes: Mapping[str, Any]
) -> tuple[PerformanceResult, ...]:
    if not plan.loads:
        return ()
    performance = measure_all(plan, run, changes)
    if not performance:
        raise AisbenchError(
            f"{run.path}: no load of this run has recorded anything",
            hint=f"run it: aisbench run --resume {run.path}",
        )
    return performance


def _together(
    plan: Plan, run: RunFolder, result: SuiteResult, performance: Sequence[PerformanceResult]
) -> SuiteResult:
    if not performance:
        return result
    return attrs.evolve(
        result,
        complete=all(one.complete for one in performance),
        tasks=tuple(_with_speed(task, performance) for task in result.tasks),
        performance=tuple(performance),
        searches=tuple(read_searches(plan, run)),
    )


def _with_speed(task: TaskResult, loads: Sequence[PerformanceResult]) -> TaskResult:
    """A score beside the speed at which it was reached: right answers a second."""
    load = next(
        (
            one
            for one in loads
            if (one.model, one.dataset, one.load) == (task.model, task.dataset, task.load)
        ),
        None,
    )
    accuracy = next((one for one in task.figures if one.unit == "%"), None)
    if load is None or accuracy is None or not load.populations:
        return task
    figures = {one.name: one for one in load.populations[0].figures}
    added = [
        Figure(
            name=title,
            value=figures[name].value * accuracy.value / 100,
            unit="/s",
            n=accuracy.n,
            better="up",
        )
        for name, title in (
            ("request_throughput", "right answers"),
            ("goodput", "right answers within the SLO"),
        )
        if name in figures
    ]
    return attrs.evolve(task, figures=(*task.figures, *added))
