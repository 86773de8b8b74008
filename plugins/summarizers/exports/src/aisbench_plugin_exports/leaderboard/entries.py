"""What a leaderboard is made of: one figure of each model and column, and from which run."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import attrs
from attrs import field, frozen

from aisbench import RunResult
from aisbench.api import Figure, TaskResult
from aisbench_plugin_exports.leaderboard.loads import figures_of, highest_of, shown_name

Rule = Literal["newest", "best"]


@frozen(kw_only=True)
class Entry:
    """A figure of one model on one data set or group, or under one load, in one run."""

    model: str
    column: str
    head: str
    """The column as readers see it, without the unit."""
    figure: Figure
    run: str
    started: str
    """Time of day of the run's first session."""
    complete: bool
    kept_up: bool = True
    """Whether the client did, under a load."""
    asked: Mapping[str, Any] = field(factory=dict)
    """What decides whether two entries of a column can be compared."""


@frozen(kw_only=True)
class WantedEntries:
    """Which figures: wildcards of names, the figure's name or "" for each set's first, and
    whether parts are columns of their own."""

    models: Sequence[str] = ()
    datasets: Sequence[str] = ()
    figure: str = ""
    parts: bool = False

    def takes(self, model: str, dataset: str) -> bool:
        """Whether neither is left out."""
        return _matches(model, self.models) and _matches(dataset, self.datasets)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatch.fnmatchcase(name, one) for one in patterns)


def entries_of(runs: Iterable[RunResult], wanted: WantedEntries) -> Iterator[Entry]:
    """All entries of all runs. Raises DamageError."""
    for run in runs:
        suite, environment = run.suite, run.environment
        for task in run.scores:
            if not wanted.takes(task.model, task.dataset):
                continue
            asked = _asked(suite, environment, task)
            name = f"{task.dataset} [{task.load}]" if task.load else task.dataset
            for figure in _chosen(task.figures, wanted):
                column = f"{name}/{figure.part}" if figure.part else name
                yield _entry(run, task.model, column, figure, asked)
        for group in run.groups:
            if group.figure is not None and wanted.takes(group.model, group.name):
                asked = {"members": [one.name for one in group.members if one.figure]}
                yield _entry(run, group.model, group.title, group.figure, asked)
        yield from _of_loads(run, suite, wanted)


def _of_loads(run: RunResult, suite: Mapping[str, Any], wanted: WantedEntries) -> Iterator[Entry]:
    """Those of loads, and of a search what it found: its loads are steps on the way there."""
    steps: set[tuple[str, str, str]] = set()
    for search in run.searches:
        steps.update((search.model, search.dataset, one.load) for one in search.probes)
        figure = highest_of(search)
        if figure is None or wanted.figure not in ("", figure.name):
            continue
        if wanted.takes(search.model, search.dataset):
            asked = {"load": suite.get("load", {}), "slo": suite.get("slo", {})}
            yield _entry(run, search.model, search.dataset, figure, asked, named=True)
    for load in run.loads:
        place = (load.model, load.dataset, load.load)
        if place in steps or not wanted.takes(load.model, load.dataset):
            continue
        asked = {
            "load": load.settings,
            "variant": load.variant,
            "streamed": load.streamed,
            "generation of the model": _generation(suite, load.model),
        }
        name = f"{load.dataset} [{load.load}]"
        for figure in figures_of(load, wanted.figure):
            made = _entry(run, load.model, name, figure, asked, named=True)
            yield attrs.evolve(
                made,
                complete=made.complete and load.complete,
                kept_up=load.health.kept_up,
            )


def _entry(
    run: RunResult,
    model: str,
    column: str,
    figure: Figure,
    asked: Mapping[str, Any],
    *,
    named: bool = False,
) -> Entry:
    """``named``: the figure's name tells the column from others of the same place."""
    sessions = run.sessions
    return Entry(
        model=model,
        column=f"{column} {figure.name}" if named else column,
        head=f"{column} {shown_name(figure.name)}" if named else f"{column} {figure.name}",
        figure=figure,
        run=run.path.name,
        started=sessions[0].started if sessions else "",
        complete=run.complete,
        asked=asked,
    )


def _chosen(figures: Sequence[Figure], wanted: WantedEntries) -> Iterator[Figure]:
    """The figure of the whole set, and of each part where parts are wanted."""
    names = [one.name for one in figures if not one.part]
    name = wanted.figure or (names[0] if names else "")
    for one in figures:
        if one.name == name and (wanted.parts or not one.part):
            yield one


def _asked(
    suite: Mapping[str, Any], environment: Mapping[str, Any], task: TaskResult
) -> dict[str, Any]:
    """The data and how they were put to the model, without what is the model's own."""
    own = suite.get("datasets", {}).get(task.dataset, {})
    kept = (
        "dataset", "shots", "retriever", "prompt", "template", "evaluator", "evaluation",
        "postprocess", "generation", "repeats",
    )  # fmt: skip
    return {
        **{key: own[key] for key in kept if own.get(key) not in (None, "", {}, [])},
        "variant": task.variant,
        "rows": task.chosen or "all",
        "samples": task.samples,
        "version": task.dataset_version,
        "data": environment.get("data", {}).get(task.dataset, {}),
        "generation of the model": _generation(suite, task.model),
    }


def _generation(suite: Mapping[str, Any], model: str) -> Any:
    return suite.get("models", {}).get(model, {}).get("generation", {})


def one_each(entries: Iterable[Entry], rule: Rule) -> dict[tuple[str, str], Entry]:
    """Of each model and column the entry that counts: of the newest run, or the best one."""
    found: dict[tuple[str, str], Entry] = {}
    for one in entries:
        key = (one.model, one.column)
        before = found.get(key)
        if before is None or _wins(one, before, rule):
            found[key] = one
    return found


def _wins(one: Entry, other: Entry, rule: Rule) -> bool:
    if rule == "best" and one.figure.value != other.figure.value:
        better = one.figure.value > other.figure.value
        return better if one.figure.better != "down" else not better
    return (one.started, one.run) > (other.started, other.run)


def differing(entries: Sequence[Entry]) -> list[str]:
    """The settings in which entries of one column differ, by name."""
    names = dict.fromkeys(name for one in entries for name in one.asked)
    first = entries[0].asked
    return [
        name
        for name in names
        if any(one.asked.get(name) != first.get(name) for one in entries[1:])
    ]
