"""A run from its files alone: without its plugins, its data and its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from attrs import define, field

from aisbench.config.group_keys import SuiteGroupTable
from aisbench.config.plan_groups import planned_groups
from aisbench.runs.result import RunResult
from aisbench.settings.convert import structure
from aisbench.stages.evaluate import failed_share
from aisbench.stages.measure import failed_requests
from aisbench.stages.results import with_speed
from aisbench.stages.suite_groups import group_results
from aisbench.stages.tuning import read_tunings
from aisbench.store.environment import recorded_complete, recorded_notes
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.rows import converter
from aisbench.store.run import RunFolder, open_run, read_json, read_tables, understanding
from aisbench.store.seals import verify
from aisbench.types.groups import GroupResult
from aisbench.types.performance import PerformanceResult, SearchResult
from aisbench.types.results import SuiteResult, TaskResult


def read_run(path: Path, *, verified: bool = True) -> RunResult:
    """The figures that a run holds, as its last evaluation and report left them.

    ``verified``: its files are compared with their seals, for which they are read wholly.

    Raises AisbenchError when there is no run at ``path``, DamageError when files of it are
    missing or are not what its sessions left.
    """
    run = open_run(path)
    if verified:
        verify(run)
    tunings = tuple(read_tunings(run))
    tried = {f"point={point.number}" for one in tunings for point in one.points}
    stored = _Stored(run, read_tables(run.suite), tried)
    loads = tuple(stored.loads())
    scores = tuple(with_speed(run, task, loads) for task in stored.scores())
    with understanding(run.suite):
        suite = stored.tables["suite"]
        name, mode, max_failed = suite["name"], suite["mode"], suite["max_failed"]
    groups, told = stored.groups(scores)
    return RunResult(
        path=run.path,
        name=name,
        mode=mode,
        scores=scores,
        loads=loads,
        searches=tuple(stored.searches()),
        complete=stored.whole and recorded_complete(run),
        failed_share=max(
            failed_share(SuiteResult(name="", run=run.path, complete=True, tasks=scores)),
            failed_requests(loads, tunings),
        ),
        max_failed=max_failed,
        warnings=(*stored.warnings, *told, *recorded_notes(run)),
        groups=groups,
        tunings=tunings,
    )


@define
class _Stored:
    """Reads the documents of a run, in the order of its suite."""

    run: RunFolder
    tables: Mapping[str, Any]
    tried: Set[str]
    """Points of tuned servers that have a verdict: their loads may have come to nothing."""
    whole: bool = True
    """Whether nothing that was read is of a part alone."""
    warnings: list[str] = field(factory=list)

    def scores(self) -> Iterator[TaskResult]:
        """Of each model and data set, and of each load that was scored."""
        for model, dataset in self._pairs():
            scored = self.run.results / model / "loads"
            for load in ("", *sorted(path.name for path in scored.glob("*") if path.is_dir())):
                path = self.run.result(model, dataset, load)
                if path.exists():
                    document = read_json(path)
                    with understanding(path):
                        self.whole = self.whole and document["complete"]
                        yield converter().structure(document, TaskResult)

    def loads(self) -> Iterator[PerformanceResult]:
        """What each load measured, in the order in which they ran."""
        for model, dataset in self._pairs():
            parent = self.run.load(model, dataset, "x").parent
            folders = [LoadFolder(path.parent) for path in parent.glob("*/load.json")]
            for folder in sorted(folders, key=lambda one: one.document().clock_ns):
                if not folder.summary.exists():
                    if folder.path.name.partition(",")[0] in self.tried:
                        continue
                    self.whole = False
                    self.warnings.append(
                        f"{model} / {dataset}: {folder.path.name} has not been measured; "
                        f"aisbench report {self.run.path} measures what was recorded"
                    )
                    continue
                with understanding(folder.summary):
                    yield converter().structure(read_json(folder.summary), PerformanceResult)

    def searches(self) -> Iterator[SearchResult]:
        """The searches that were finished."""
        for model, dataset in self._pairs():
            path = self.run.search(model, dataset)
            if path.exists():
                with understanding(path):
                    yield converter().structure(read_json(path), SearchResult)

    def groups(
        self, scores: Sequence[TaskResult]
    ) -> tuple[tuple[GroupResult, ...], tuple[str, ...]]:
        """The groups of data sets, and what is to be said of them."""
        with understanding(self.run.suite):
            tables = {
                name: structure(SuiteGroupTable, table, self.run.path)
                for name, table in self.tables.get("groups", {}).items()
            }
            named = {
                name: str(table["dataset"]).rpartition("/")[2].removesuffix(".toml")
                for name, table in self.tables.get("datasets", {}).items()
            }
        return group_results(planned_groups(tables, named), scores)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for model in self.tables.get("models", {}):
            for dataset in self.tables.get("datasets", {}):
                yield model, dataset
