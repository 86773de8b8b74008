"""All results of a run, from its files: scores, figures of loads, searches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from aisbench.base.errors import AisbenchError
from aisbench.config.plan import Plan
from aisbench.config.plan_groups import planned_groups
from aisbench.settings.slo import Slo, parse_slo
from aisbench.stages.evaluate import evaluate, unheard
from aisbench.stages.measure import measure_all, settings_of
from aisbench.stages.result_files import read_results
from aisbench.stages.scoring import Tell, nobody
from aisbench.stages.search_loads import read_searches
from aisbench.stages.suite_groups import group_results
from aisbench.stages.tune_again import told_again
from aisbench.stages.tuning import read_tunings
from aisbench.store.environment import recorded_notes
from aisbench.store.journal import read_rows
from aisbench.store.recording.columns import Recording
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.parquet import read_recording
from aisbench.store.run import RunFolder
from aisbench.types.figure import Figure
from aisbench.types.performance import PerformanceResult
from aisbench.types.results import SuiteResult, TaskResult

JUDGED = ("accuracy", "both")


def collect(
    plan: Plan,
    run: RunFolder,
    warnings: Sequence[str] = (),
    tell: Tell = nobody,
    known: Callable[[TaskResult], None] = unheard,
) -> SuiteResult:
    """Score what is to be scored, of which ``tell`` hears, and measure every load. ``known`` gets
    the scores of each task. Raises AisbenchError."""
    result = SuiteResult(name=plan.suite.suite.name, run=run.path, complete=True)
    performance = _performance(plan, run, {})
    if plan.suite.suite.mode in JUDGED:
        result = evaluate(plan, run, tell=tell, known=known)
    whole = _with_groups(plan, _together(plan, run, result, performance, {}))
    return attrs.evolve(whole, warnings=(*warnings, *whole.warnings, *recorded_notes(run)))


def recall(plan: Plan, run: RunFolder, changes: Mapping[str, Any]) -> SuiteResult:
    """The stored scores, and every load measured anew with ``changes`` of its report."""
    result = SuiteResult(name=plan.suite.suite.name, run=run.path, complete=True)
    performance = _performance(plan, run, changes)
    if plan.suite.suite.mode in JUDGED:
        # A load that was killed before it could be scored is scored now.
        result = read_results(plan, run) if run.results.exists() else evaluate(plan, run)
    return _with_groups(plan, _together(plan, run, result, performance, changes))


def _with_groups(plan: Plan, result: SuiteResult) -> SuiteResult:
    if not plan.groups:
        return result
    named_sets = {one.name: one.offer.name for one in plan.datasets}
    groups, told = group_results(planned_groups(plan.groups, named_sets), result.tasks)
    return attrs.evolve(result, groups=groups, warnings=(*result.warnings, *told))


def _performance(
    plan: Plan, run: RunFolder, changes: Mapping[str, Any]
) -> tuple[PerformanceResult, ...]:
    if not plan.loads:
        return ()
    performance = measure_all(plan, run, changes)
    if not performance and plan.tune is None:
        raise AisbenchError(
            f"{run.path}: no load of this run has recorded anything",
            hint=f"run it: aisbench run --resume {run.path}",
        )
    return performance


def _together(
    plan: Plan,
    run: RunFolder,
    result: SuiteResult,
    performance: Sequence[PerformanceResult],
    changes: Mapping[str, Any],
) -> SuiteResult:
    if plan.tune is not None:
        return _tuned(plan, run, result, performance, judged_again="slo" in changes)
    if not performance:
        return result
    missing = _not_run(plan, performance)
    return attrs.evolve(
        result,
        complete=not missing and all(one.complete for one in performance),
        warnings=(
            *result.warnings,
            *(f"{one} has not been run: aisbench run --resume {run.path}" for one in missing),
        ),
        tasks=tuple(with_speed(run, task, performance) for task in result.tasks),
        performance=tuple(performance),
        searches=tuple(read_searches(plan, run)),
    )


def _tuned(
    plan: Plan,
    run: RunFolder,
    result: SuiteResult,
    performance: Sequence[PerformanceResult],
    *,
    judged_again: bool,
) -> SuiteResult:
    """The results of a run whose servers were tuned: a load that was cut short belongs to a point
    with a verdict."""
    assert plan.tune is not None
    tunings = tuple(read_tunings(run))
    searched = [one.server for one in tunings if any(each.searches for each in one.points)]
    if judged_again:
        tunings = tuple(told_again(one, plan.tune, performance) for one in tunings)
    over = {one.server for one in tunings if one.reason}
    missing = [one.name for one in plan.tune.servers if one.name not in over]
    return attrs.evolve(
        result,
        complete=not missing,
        warnings=(
            *result.warnings,
            *(
                f"servers.{one} has not been tuned to the end: aisbench run --resume {run.path}"
                for one in missing
            ),
            *(
                f"servers.{one}: what its points searched is as the suite's limits found it"
                for one in searched
                if judged_again
            ),
        ),
        performance=tuple(performance),
        tunings=tunings,
    )


def _not_run(plan: Plan, performance: Sequence[PerformanceResult]) -> list[str]:
    """The loads of the suite that recorded nothing. What a search runs is not known beforehand,
    and is left out."""
    done = {(one.model, one.dataset, one.load) for one in performance}
    return [
        f"{task.label}: {point.label}"
        for task in plan.tasks
        if plan.loads[task.model.name].search is None
        for point in plan.loads[task.model.name].points
        if (task.model.name, task.dataset.name, point.label) not in done
    ]


def with_speed(run: RunFolder, task: TaskResult, loads: Sequence[PerformanceResult]) -> TaskResult:
    """A score beside the speed at which it was reached: right answers a second."""
    load = next(
        (
            one
            for one in loads
            if (one.model, one.dataset, one.load) == (task.model, task.dataset, task.load)
        ),
        None,
    )
    if load is None or not load.populations:
        return task
    figures = {one.name: one.value for one in load.populations[0].figures}
    seconds = figures.get("benchmark_duration", 0.0)
    if seconds <= 0:
        return task
    folder = LoadFolder(run.load(task.model, task.dataset, task.load))
    right, both = right_and_good(
        read_recording(folder),
        parse_slo(settings_of(folder).slo),
        [row["id"] for row in read_rows(run.samples(task.dataset))],
        read_rows(run.scores(task.model, task.dataset, task.load)),
        load.streamed,
    )
    count = task.counts.asked
    added = [Figure(name="right answers", value=right / seconds, unit="/s", n=count, better="up")]
    if both is not None:
        added.append(
            Figure(
                name="right answers within the SLO",
                value=both / seconds,
                unit="/s",
                n=count,
                better="up",
            )
        )
    return attrs.evolve(task, figures=(*task.figures, *added))


def right_and_good(
    recording: Recording,
    slo: Slo,
    samples: Sequence[str],
    scores: Iterable[Mapping[str, Any]],
    streamed: bool = True,
) -> tuple[float, float | None]:
    """Sums of the scores of all answers, and of those whose request was within the SLO.

    The second is None without limits on single requests. The i-th score of a sample belongs to
    its i-th answer, by the number of its repeat; of a conversation the last turn counts.
    """
    import numpy as np

    from aisbench.metrics.goodput import good

    values: dict[str, list[float]] = {}
    for row in scores:
        values.setdefault(row["sample"], []).append(float(row["score"]["value"]))
    right = sum(map(sum, values.values()))
    if not slo.per_request:
        return right, None
    columns = recording.columns
    within = good(recording, slo, streamed=streamed)
    rows = np.flatnonzero(columns.requests)
    ordered = sorted(
        rows, key=lambda at: (columns["row"][at], columns["repeat"][at], columns["turn"][at])
    )
    answers: dict[str, dict[int, bool]] = {}
    for at in ordered:
        name = samples[int(columns["row"][at])]
        answers.setdefault(name, {})[int(columns["repeat"][at])] = bool(within[at])
    both = 0.0
    for name, found in values.items():
        kept = list(answers.get(name, {}).values())
        both += sum(value for value, ok in zip(found, kept, strict=False) if ok)
    return right, both
