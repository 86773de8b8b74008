"""What a program gets of a run: figures as objects, answers and requests when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.config.plan import Plan
from aisbench.runs.outcomes import AnswerOutcome, read_outcomes
from aisbench.runs.samples import AnsweredSample, read_answered, read_one
from aisbench.stages.evaluate import failed_share
from aisbench.stages.measure import failed_requests
from aisbench.store.environment import SessionRecord, read_sessions
from aisbench.store.run import RunFolder, read_json, read_tables
from aisbench.types.figure import Figure
from aisbench.types.groups import GroupResult
from aisbench.types.performance import PerformanceResult, SearchResult
from aisbench.types.results import SuiteResult, TaskResult
from aisbench.types.series import LoadSeries
from aisbench.types.tuning import TuneResult

if TYPE_CHECKING:
    import numpy as np
    import pandas
    import polars
    import pyarrow
    from numpy.typing import NDArray

    from aisbench.metrics.dialect_aisbench import AisbenchTables

Mode = Literal["accuracy", "performance", "both"]
TableName = Literal["scores", "groups", "samples", "loads", "requests"]
"""The tables that a run can be seen as; see :meth:`RunResult.columns`."""


@frozen(kw_only=True, repr=False)
class RunResult:
    """A run: its figures, and what they were made of.

    The figures are those at the time when this object was made; answers and requests are read
    from the files of the run whenever they are asked for, a row at a time.
    """

    path: Path
    """The run's directory."""
    name: str
    """Of its suite."""
    mode: Mode
    scores: tuple[TaskResult, ...]
    """Of each model and data set (and load, in the mode "both"): figures with the number of
    samples, 95 % intervals and bounds; outcomes of all answers. Empty before the first
    evaluation."""
    loads: tuple[PerformanceResult, ...]
    """What each load measured, in the order in which they ran."""
    searches: tuple[SearchResult, ...]
    """The heaviest loads within the limits, where the suite searches for them."""
    complete: bool
    """Whether nothing that the suite asks for is missing."""
    failed_share: float
    """The largest share of failed answers of any task, or of failed requests of any load; 0..1."""
    max_failed: float
    """The share that the suite allows."""
    warnings: tuple[str, ...] = ()
    """What a reader of the figures must know of the run as a whole; more stands in the
    ``warnings`` of each score and the ``notes`` of each load."""
    groups: tuple[GroupResult, ...] = ()
    """Groups of data sets, each of each model, in the suite's order."""
    tunings: tuple[TuneResult, ...] = ()
    """Settings of servers that were tried, where the suite has [tune]: every point, the best, the
    front."""
    failure: AisbenchError | None = None
    """What ended the last session, where figures could be made of what was there all the same."""

    def __repr__(self) -> str:
        """Short, as notebooks show it: the figures of a large run fill pages."""
        return (
            f"RunResult({str(self.path)!r}, {len(self.scores)} scores, {len(self.loads)} loads, "
            f"complete={self.complete}, ok={self.ok})"
        )

    @property
    def ok(self) -> bool:
        """Whether no more failed than the suite allows, and no load was cut short: what the
        command line's exit code 0 says."""
        return (
            self.failure is None and self.failed_share <= self.max_failed and self._measured_whole
        )

    @property
    def _measured_whole(self) -> bool:
        """Whether no load was cut short; where servers were tuned, whether each has a best
        point."""
        if self.tunings:
            return all(one.best is not None for one in self.tunings)
        return all(one.complete for one in self.loads)

    @property
    def suite(self) -> dict[str, Any]:
        """The suite as it was understood, with every default: the tables of ``suite.toml``."""
        return read_tables(self._folder.suite)

    @property
    def sessions(self) -> tuple[SessionRecord, ...]:
        """The processes that worked on the run so far: when, with which plugins, on which host."""
        return read_sessions(self._folder)

    @property
    def environment(self) -> dict[str, Any]:
        """What the run was made with: the keys of ``environment.json``, such as the checksums of
        the ``data``, the versions of ``plugins`` and ``libraries``, and the names by which the
        models were ``served``. Empty for a run that has none. Raises DamageError."""
        path = self._folder.environment
        return read_json(path) if path.exists() else {}

    def figure(
        self, name: str, *, model: str = "", dataset: str = "", load: str = "", part: str = ""
    ) -> Figure:
        """The one figure of that name, such as ``accuracy``: of the only task of the run, or of
        the one that ``model``, ``dataset`` and ``load`` choose; of the whole data set, or of its
        ``part``.

        Raises AisbenchError when there is none, or more than one.
        """
        tasks = [one for one in self.scores if _chosen(one, model, dataset, load)]
        found = [
            figure
            for task in tasks
            for figure in task.figures
            if figure.name == name and figure.part == part
        ]
        if len(found) == 1:
            return found[0]
        if found:
            labels = ", ".join(_label(one) for one in tasks)
            raise AisbenchError(
                f"{self.path}: {len(found)} tasks have a figure {name!r}: {labels}",
                hint="choose one by model=, dataset= or load=",
            )
        names = dict.fromkeys(figure.name for task in tasks for figure in task.figures)
        raise AisbenchError(
            f"{self.path}: there is no figure {name!r}",
            hint=f"there are: {', '.join(names)}" if names else "nothing was scored",
        )

    def samples(
        self, *, model: str = "", dataset: str = "", load: str = ""
    ) -> Iterator[AnsweredSample]:
        """Every answer, one after the other: the sample, what was asked, what came back, and its
        score. ``model``, ``dataset`` and ``load`` leave out all others.

        Nothing is held in memory but the places of the rows. Of an unfinished or unscored run
        the answers are those given so far. Loads have answers in the mode "both" and with
        ``load.keep_answers``. Raises DamageError.
        """
        for task in answered_tasks(self._folder):
            if _chosen(task, model, dataset, load):
                yield from read_answered(self._folder, task.model, task.dataset, task.load)

    def outcomes(
        self, *, model: str = "", dataset: str = "", load: str = ""
    ) -> Iterator[AnswerOutcome]:
        """Every answer in short: verdict, token counts, times; for counts and distributions of
        many. :meth:`answer_of` reads all of one. Raises DamageError."""
        for task in answered_tasks(self._folder):
            if _chosen(task, model, dataset, load):
                yield from read_outcomes(self._folder, task.model, task.dataset, task.load)

    def answer_of(self, outcome: AnswerOutcome) -> AnsweredSample:
        """The whole answer of which ``outcome`` tells. Raises DamageError."""
        task = (outcome.model, outcome.dataset, outcome.load)
        return read_one(
            self._folder,
            task,
            outcome.turns_at,
            outcome.sample_at,
            outcome.score_at,
            outcome.repeat,
        )

    def requests(self, load: PerformanceResult) -> pyarrow.Table:
        """Every attempt of a load as it was recorded: columns of counts, of causes, and of
        instants in ns after the start of the load; null where something did not happen.

        ``to_pandas()``, ``polars.from_arrow(...)`` or ``column(name).to_numpy()`` of it go on
        from there. Raises DamageError.
        """
        from aisbench.runs.tables import recorded_requests

        return recorded_requests(self._folder, load)

    def request_metrics(self, load: PerformanceResult) -> dict[str, NDArray[np.float64]]:
        """What each measured request that was answered in full shows, in the order in which they
        were sent; each an array of floats, NaN where a request has no such value.

        The keys are those of the metric dictionary whose scope is a request (``ttft``, ``e2el``,
        ..., in its units), ``itl`` (the mean gap between the tokens of a request, ms),
        ``started`` (seconds after the start of the load), and which request it is: ``row``,
        ``repeat``, ``turn`` and ``conversation``. Raises DamageError.
        """
        from aisbench.runs.request_columns import measured_requests

        return measured_requests(self._folder, load)

    def series(self, load: PerformanceResult) -> LoadSeries:
        """A load over time, aggregated: concurrency, rates, percentiles and the server's own
        metrics in bins of time, distributions, and a timeline of single requests. What charts are
        drawn from; its size does not depend on the load's.

        Reads every event of the load: seconds where they are hundreds of millions. Raises
        DamageError, and AisbenchError where numpy or pyarrow is not installed.
        """
        from aisbench.runs.load_series import series_of

        return series_of(self._folder, load)

    def columns(self, table: TableName = "scores") -> dict[str, list[Any]]:
        """The run as a table: the values of each column, by its name.

        - ``scores``: a row a figure, with the outcomes of its task;
        - ``groups``: a row a group of data sets and model;
        - ``samples``: a row an answer;
        - ``loads``: a row a load, its settings as ``load.KEY``, its figures and statistics
          (``ttft_p99``) by the names of the metric dictionary, in the units that it gives;
        - ``requests``: a row an attempt of any load, as :meth:`requests` has them.
        """
        from aisbench.runs.tables import columns_of

        return columns_of(self, table)

    def rows(self, table: TableName = "scores") -> Iterator[Mapping[str, Any]]:
        """The rows of a table of :meth:`columns`, one after the other: however many answers or
        requests there are, few of them are in memory. Tables without rows have none."""
        from aisbench.runs.tables import rows_of

        return rows_of(self, table)

    def aisbench_tables(self, load: PerformanceResult) -> AisbenchTables:
        """A load in AISBench's words, formulas and units: what ``aisbench report --as aisbench``
        prints, as rows. Raises DamageError."""
        from aisbench.metrics.dialect_aisbench import aisbench_tables
        from aisbench.stages.measure import asked_concurrency
        from aisbench.store.recording.folder import LoadFolder
        from aisbench.store.recording.parquet import read_recording

        folder = LoadFolder(self._folder.load(load.model, load.dataset, load.load))
        return aisbench_tables(read_recording(folder), asked_concurrency(folder))

    def to_pandas(self, table: TableName = "scores") -> pandas.DataFrame:
        """The run as a data frame of pandas; the tables are those of :meth:`columns`.

        Raises AisbenchError where pandas is not installed.
        """
        from aisbench.runs.tables import pandas_frame

        return pandas_frame(self, table)

    def to_polars(self, table: TableName = "scores") -> polars.DataFrame:
        """The run as a data frame of polars; the tables are those of :meth:`columns`.

        Raises AisbenchError where polars is not installed.
        """
        from aisbench.runs.tables import polars_frame

        return polars_frame(self, table)

    @property
    def _folder(self) -> RunFolder:
        return RunFolder(self.path)


@frozen
class AnsweredTask:
    """A journal of answers: one model on one data set, under one load or ""."""

    model: str
    dataset: str
    load: str


def answered_tasks(run: RunFolder) -> Iterator[AnsweredTask]:
    """What of a run has answers, in the order of its suite. Raises DamageError."""
    tables = read_tables(run.suite)
    for model in tables.get("models", {}):
        for dataset in tables.get("datasets", {}):
            if run.predictions(model, dataset).exists():
                yield AnsweredTask(model, dataset, "")
            for path in sorted(run.load(model, dataset, "x").parent.glob("*/answers.jsonl")):
                yield AnsweredTask(model, dataset, path.parent.name)


def result_of(plan: Plan, run: RunFolder, results: SuiteResult) -> RunResult:
    """What a program gets of results that were just made."""
    return RunResult(
        path=run.path,
        name=results.name,
        mode=plan.suite.suite.mode,
        scores=results.tasks,
        loads=results.performance,
        searches=results.searches,
        complete=results.complete,
        failed_share=max(
            failed_share(results), failed_requests(results.performance, results.tunings)
        ),
        max_failed=plan.suite.suite.max_failed,
        warnings=results.warnings,
        groups=results.groups,
        tunings=results.tunings,
    )


def _chosen(task: TaskResult | AnsweredTask, model: str, dataset: str, load: str) -> bool:
    return model in ("", task.model) and dataset in ("", task.dataset) and load in ("", task.load)


def _label(task: TaskResult) -> str:
    return " / ".join(filter(None, (task.model, task.dataset, task.load)))
