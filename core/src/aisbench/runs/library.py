"""aisbench from Python: what the commands `run`, `evaluate` and `report` do, as functions.

They are reached as ``aisbench.run`` and so on. All of them

- print nothing: ``on_message=print`` shows what the command line shows;
- work in any thread, and in a notebook: where an event loop runs already, a run is made in a
  thread of its own, and the call waits for it;
- leave the process as it was: handlers of signals and of the logger ``aisbench``, and limits;
- raise :class:`~aisbench.base.errors.AisbenchError` for what a user can mend, with secrets hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import tomli_w

from aisbench.base.errors import ConfigError
from aisbench.config.source import (
    Override,
    Source,
    override,
    read_source,
    source_of_tables,
    with_plugin_files,
)
from aisbench.plugins.discovery import discover
from aisbench.runs.again import (
    ItlInterval,
    open_stored,
    report_again,
    report_changes,
    score_again,
)
from aisbench.runs.callbacks import CallbackDisplay, OnMessage, OnProgress
from aisbench.runs.calls import (
    AnyPath,
    alone,
    host_of,
    overrides_of,
    path_of,
    paths_of,
    resume_words,
)
from aisbench.runs.execute import execute
from aisbench.runs.interrupts import Interrupts
from aisbench.runs.judging import judge_again
from aisbench.runs.logs import RunLog
from aisbench.runs.opening import LATEST, open_suite
from aisbench.runs.result import RunResult
from aisbench.runs.stages_of import Last
from aisbench.runs.stored import read_run
from aisbench.settings.keys import dotted
from aisbench.store.run import open_run

SuiteLike = AnyPath | Mapping[str, Any]
"""The path of a suite.toml, or a suite as a mapping of the tables that the file would hold."""


def run(
    suite: SuiteLike | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    limit: int | None = None,
    output: AnyPath | None = None,
    resume: AnyPath | None = None,
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[AnyPath] = (),
    stop_after: Last | None = None,
    on_message: OnMessage | None = None,
    on_progress: OnProgress | None = None,
) -> RunResult:
    """Ask the models of a suite, score the answers, and return the figures.

    ::

        result = aisbench.run("suite.toml", limit=100)
        print(result.figure("accuracy").value)

    :param suite: the path of a suite.toml; or its tables as a mapping, with relative paths taken
        from the current folder; or None with ``resume``, for the suite that the run keeps.
    :param overrides: values by dotted key, as ``--set`` has them:
        ``{"models.qwen.concurrency": 8}``.
    :param limit: ask at most so many rows of each data set.
    :param output: the folder in which runs are made; instead of ``suite.output``.
    :param resume: a run directory to continue, or ``"latest"`` for the newest run of the suite.
        What is stored is used again; failed requests are sent again.
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package, besides the suite's.
    :param stop_after: "answers" or "judgements": see :func:`judge`; there are no scores then.
    :param on_message: called with each line that the command line would print.
    :param on_progress: called every second with how far each task or load is, and when it is over.
        Both are called in the thread in which the run is made; what one of them raises stops the
        run as Ctrl-C does, and is then raised here.

    Too many failed samples are no error: see ``failed_share`` and ``ok`` of the result.

    Ctrl-C (in the main thread) finishes what is in flight, a second one stops at once; all files
    are whole then, and the AbortError says how to go on. Other signals, and a handler of the
    program's own for SIGINT, are left alone. In a notebook scoring is not interrupted but
    finished. A process makes one run at a time: two would measure each other.

    Raises ConfigError with every problem of the suite, each with its place; PluginError,
    DataError, ServerError, StoreError; AbortError when it was stopped, by the user or by
    ``suite.abort_after``. All are AisbenchErrors. A bug of aisbench or of a plugin is raised as
    ``aisbench.runs.guard.Crash``, with its traceback as text.
    """
    display = CallbackDisplay(on_message, on_progress, Interrupts())

    def work() -> RunResult:
        changes = overrides_of(overrides)
        if output is not None:
            place = str(Path(output).absolute())
            changes.append(Override(path=("suite", "output"), value=place, origin="output="))
        source = _limited(_opened(suite, resume, changes), limit)
        source = with_plugin_files(source, paths_of(plugins), "plugins=")
        return _executed(source, _resumed(resume), disable_plugins, display, stop_after)

    return alone(work, display)


def judge(
    run: RunResult | AnyPath,
    overrides: Mapping[str, Any] | None = None,
    *,
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[AnyPath] = (),
    stop_after: Literal["judgements"] | None = None,
    on_message: OnMessage | None = None,
    on_progress: OnProgress | None = None,
) -> RunResult:
    """Ask the judges of a run about its stored answers, and score them. The models are not asked:
    neither their servers nor their backends nor the data files are needed.

    ::

        aisbench.judge(result, {"models.critic.url": "http://127.0.0.1:9000"})

    :param run: a run directory, or what :func:`run` or :func:`load_run` returned.
    :param overrides: values by dotted key that replace those of the run's suite, and are the
        run's from then on. Judgements that do not fit them any more are set aside.
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package, besides those that the suite
        names.
    :param stop_after: "judgements": the scores are left to :func:`evaluate`.
    :param on_message: called with each line that the command line would print.
    :param on_progress: called every second with how far each task is, and once when it is over.

    Judgements that are there are used again, and failed ones asked again. Raises AisbenchError,
    as when no evaluator asks a judge, and AbortError as :func:`run` does.
    """
    display = CallbackDisplay(on_message, on_progress, Interrupts())

    def work() -> RunResult:
        with RunLog(display.say) as log:
            stored = open_stored(
                path_of(run), overrides_of(overrides), disable_plugins, paths_of(plugins)
            )
            return judge_again(stored, stop_after, host_of(display, log))

    return alone(work, display)


def evaluate(
    run: RunResult | AnyPath,
    overrides: Mapping[str, Any] | None = None,
    *,
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[AnyPath] = (),
    on_message: OnMessage | None = None,
) -> RunResult:
    """Score the stored answers of a run again, without its model: with another evaluator, other
    metrics, a corrected rule. Earlier results stay in ``earlier/`` of the run.

    ::

        aisbench.evaluate(result, {"datasets.gsm8k.metrics": ["avg@3"]})

    :param run: a run directory, or what :func:`run` or :func:`load_run` returned.
    :param overrides: values by dotted key that replace those of the run's suite.
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package, besides those that the suite
        names.
    :param on_message: called with each line that the command line would print.

    Raises AisbenchError, as when another process works on the run.
    """
    display = CallbackDisplay(on_message, None, Interrupts())

    def work() -> RunResult:
        changes = overrides_of(overrides)
        notes = [f"evaluated with {dotted(one.path)}={_toml(one.value)}" for one in changes]
        with RunLog(display.say):
            stored = open_stored(path_of(run), changes, disable_plugins, paths_of(plugins))
            return score_again(stored, notes, display, resume_words)

    return alone(work, display)


def report(
    run: RunResult | AnyPath,
    *,
    percentiles: Sequence[float] | None = None,
    window: float | None = None,
    slo: Mapping[str, float] | None = None,
    itl: ItlInterval | None = None,
    prefix_cache: Mapping[str, int] | None = None,
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[AnyPath] = (),
    on_message: OnMessage | None = None,
) -> RunResult:
    """Measure the loads of a run anew from what was recorded, and write its summary files anew.

    ::

        aisbench.report(result, percentiles=[50, 95, 99.9], slo={"ttft_ms": 200})

    :param run: a run directory, or what :func:`run` or :func:`load_run` returned.
    :param percentiles: which ones every quantity gets, each above 0 and below 100.
    :param window: seconds; each part of a load of that length is measured apart, too.
    :param slo: limits by the keys of ``load.slo``.
    :param itl: what an inter-token latency is measured between.
    :param prefix_cache: ``block_size`` and ``blocks`` of the server's prefix cache.
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package, besides those that the suite
        names.
    :param on_message: called with each line that the command line would print.

    What is None stays as the load was run with. Raises AisbenchError, also for such a value of a
    run that measured no performance.
    """
    display = CallbackDisplay(on_message, None, Interrupts())

    def work() -> RunResult:
        changes = report_changes(
            percentiles=percentiles, window=window, slo=slo, itl=itl, prefix_cache=prefix_cache
        )
        with RunLog(display.say):
            stored = open_stored(
                path_of(run), disable_plugins=disable_plugins, plugins=paths_of(plugins)
            )
            return report_again(stored, changes, display)

    return alone(work, display)


def load_run(path: AnyPath, *, verify: bool = True) -> RunResult:
    """The figures that a run holds, as its last evaluation and report left them.

    Nothing is written, and neither the plugins of the run nor its data and model are needed. A
    run that is still being made can be looked at: what is there of it.

    :param path: the run directory, such as ``outputs/nightly/20261120_153000``.
    :param verify: False leaves out the comparison with ``seals.json``, for which every file of
        the run is read: for lists of many runs.

    Raises AisbenchError when there is no run, DamageError when files of it are missing or are not
    what the run left.
    """
    return read_run(Path(path), verified=verify)


def _executed(
    source: Source,
    resume: str | Path | None,
    disable_plugins: Sequence[str],
    display: CallbackDisplay,
    stop_after: Last | None,
) -> RunResult:
    catalog = discover([*disable_plugins, *source.disabled_plugins])
    with RunLog(display.say) as log:
        opened = open_suite(source, catalog)
        display.interrupts.check()
        return execute(opened, resume, host_of(display, log), stop_after)


def _opened(suite: SuiteLike | None, resume: AnyPath | None, changes: list[Override]) -> Source:
    """The suite that was given, or that of the run to resume. Raises AisbenchError."""
    if isinstance(suite, Mapping):
        return override(source_of_tables(suite, "suite"), changes)
    if suite is None:
        if resume is None or resume == LATEST:
            raise ConfigError(
                ["no suite is given\n  help: give the path of a suite.toml, or a mapping of its "
                 "tables; resume= with the path of a run takes the suite that the run keeps"]
            )  # fmt: skip
        run = open_run(Path(resume))
        return read_source(run.suite, changes, copies=run.files)
    if isinstance(suite, str) and "\n" in suite:
        raise ConfigError(
            ["suite: is a text of several lines, where a path or a mapping is needed\n  help: "
             "tomllib.loads(text) makes a mapping of TOML"]
        )  # fmt: skip
    return read_source(Path(suite), changes)


def _limited(source: Source, limit: int | None) -> Source:
    datasets = source.tables.get("datasets")
    if limit is None or not isinstance(datasets, Mapping):
        return source
    changes = [
        Override(path=("datasets", name, "limit"), value=limit, origin="limit=")
        for name in datasets
    ]
    return override(source, changes)


def _toml(value: Any) -> str:
    """The value as it may stand in one line of a suite."""
    if isinstance(value, dict):
        pairs = (f"{dotted((key,))} = {_toml(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return tomli_w.dumps({"v": value}).partition("=")[2].strip()


def _resumed(resume: AnyPath | None) -> str | Path | None:
    return resume if resume is None or resume == LATEST else Path(resume)
