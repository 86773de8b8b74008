"""A run as the page gets it: an entry of the list, and all of its figures."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aisbench import AisbenchError, RunResult, RunState, answer_files, load_run, read_progress
from aisbench.api import (
    METRICS,
    PerformanceResult,
    TaskResult,
    result_json,
    translated,
)
from aisbench_plugin_view.numbers import plain

FRESH_SECONDS = 60.0
"""A run that wrote something so short a time ago, and was not ended, still goes on."""
STAMPED = ("suite.toml", "environment.json", "log.jsonl", "progress.json", "seals.json")
LOAD_FIGURES = ("request_throughput", "output_token_throughput")
LOAD_STATISTICS = ("ttft", "tpot", "e2el")

Json = dict[str, Any]


def stamp_of(run: Path) -> str:
    """What changes when anything of a run does that lists show."""
    paths = [run / name for name in STAMPED]
    for folder in ("results", "performance", "predictions", "tune"):
        for root, _, names in os.walk(run / folder):
            paths += [
                Path(root) / name
                for name in names
                if name.endswith(".json") or (folder == "predictions" and name.endswith(".jsonl"))
            ]
    total = newest = count = 0
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        count += 1
        total += status.st_size
        newest = max(newest, status.st_mtime_ns)
    return f"{count} {total} {newest}"


def entry_of(run: Path) -> Json:
    """A run for the list. What is damaged is said in it, and is no error."""
    made: Json = {"name": run.parent.name, "date": "", "status": "damaged", "reason": ""}
    try:
        result = load_run(run, verify=False)
        sessions = result.sessions
        suite = result.suite
    except (AisbenchError, OSError, UnicodeError) as error:
        return {**made, "reason": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever a file holds: one run must not hide others
        return {**made, "reason": f"{type(error).__name__}: {error}"}
    return {
        "name": result.name,
        "date": sessions[0].started if sessions else "",
        "mode": result.mode,
        "status": status_of(run, result),
        "reason": "",
        "models": list(suite.get("models", {})),
        "datasets": list(suite.get("datasets", {})),
        "figures": [one for task in result.scores for one in task_figures(task)]
        + [one for load in _listed(result) for one in load_figures(load)],
        "failed": result.failed_share if result.scores or result.loads else None,
        "ok": result.ok,
        "warnings": len(result.warnings),
    }


def _listed(result: RunResult) -> list[PerformanceResult]:
    """The loads that lists show: where servers were tuned, those of the best points."""
    if not result.tunings:
        return list(result.loads)
    best = [one.best_point for one in result.tunings]
    labels = {label for one in best if one is not None for label in one.loads}
    return [one for one in result.loads if one.load in labels]


def status_of(run: Path, result: RunResult) -> str:
    """``complete``, ``running``, or ``unfinished``."""
    state = state_of(run)
    if state is not None and state.alive:
        return "running"
    sessions = result.sessions
    if sessions and sessions[-1].ended:
        return "complete" if result.complete else "unfinished"
    if state is not None and state.state not in ("running", "stopping"):
        return "unfinished"
    # Of a process on another machine only its files can be seen.
    return "running" if age(run) < FRESH_SECONDS else "unfinished"


def state_of(run: Path) -> RunState | None:
    """How far a run says that it is; None where it says nothing that can be read."""
    try:
        return read_progress(run)
    except (AisbenchError, OSError):
        return None


def age(run: Path) -> float:
    """Seconds since anything of a run was written."""
    newest = int(stamp_of(run).rpartition(" ")[2])
    return time.time() - newest / 1e9


def task_figures(task: TaskResult) -> list[Json]:
    """The figures of a whole data set."""
    return [
        {"model": task.model, "dataset": task.dataset, "load": task.load, **plain(one)}
        for one in task.figures
        if not one.part
    ]


def load_figures(load: PerformanceResult) -> list[Json]:
    """The few figures of a load that lists have room for."""
    if not load.populations:
        return []
    whole = load.populations[0]
    labels = {"model": load.model, "dataset": load.dataset, "load": load.load}
    found = [{**labels, **plain(one)} for one in whole.figures if one.name in LOAD_FIGURES]
    for one in whole.statistics:
        if one.name in LOAD_STATISTICS:
            for percentile in ("p50", "p99"):
                if percentile in one.percentiles:
                    found.append(
                        {
                            **labels,
                            "name": f"{one.name} {percentile}",
                            "value": plain(one.percentiles[percentile]),
                            "unit": one.unit,
                            "n": one.n,
                            "better": "down",
                            "weak": percentile in one.weak,
                        }
                    )
    return found


def run_document(run: Path) -> Json:
    """Everything that the page of a run shows. Raises AisbenchError."""
    result = load_run(run, verify=False)
    names = {name for load in result.loads for one in load.populations for name in _names(one)}
    made: Json = {
        "name": result.name,
        "mode": result.mode,
        "status": status_of(run, result),
        "ok": result.ok,
        "complete": result.complete,
        "failed": result.failed_share,
        "max_failed": result.max_failed,
        "warnings": list(result.warnings),
        "scores": [plain(one) for one in result.scores],
        "groups": [plain(one) for one in result.groups],
        "loads": [plain(result_json(one)) for one in result.loads],
        "searches": [plain(result_json(one)) for one in result.searches],
        "tunings": [plain(one) for one in result.tunings],
        "sessions": [plain(one) for one in result.sessions],
        "suite": plain(result.suite),
        "metrics": {name: plain(METRICS[name]) for name in sorted(names) if name in METRICS},
        "tasks": [
            {"model": one.model, "dataset": one.dataset, "load": one.load}
            for one in answer_files(run)
        ],
    }
    return {**made, "lines": lines_of(told_lines(made))}


def lines_of(texts: Iterable[str]) -> dict[str, str]:
    """The Chinese of lines that core made, by their English; of those that have some."""
    found = {}
    for text in set(texts):
        other = translated(text, "zh")
        if other != text:
            found[text] = other
    return found


def told_lines(document: Json) -> list[str]:
    """Every line of core that the page of a run shows."""
    found = list(document["warnings"])
    for one in document["scores"]:
        found += [*one["warnings"], *one["faults"]]
    for one in document["loads"]:
        found += [*one["health"]["doubts"], *one["notes"], *one["faults"]]
    for one in document["searches"]:
        found += [one["reason"], one["sure"]]
    for one in document["tunings"]:
        found.append(one["reason"])
        found += [point["why"] for point in one["points"]]
    for one in document["metrics"].values():
        found += [str(one[key]) for key in ("title", "formula") if one.get(key)]
    return found


def _names(population: Any) -> list[str]:
    return [one.name for one in (*population.statistics, *population.figures)]
