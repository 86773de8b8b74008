"""aisbench from Python: what the commands `run`, `evaluate` and `report` do, as functions.

They are reached as ``aisbench.run`` and so on. All of them

- print nothing: ``on_message=print`` shows what the command line shows;
- work in any thread, and in a notebook: where an event loop runs already, a run is made in a
  thread of its own, and the call waits for it;
- leave the process as it was: handlers of signals and of the logger ``aisbench``, and limits;
- raise :class:`~aisbench.base.errors.AisbenchError` for what a user can mend, with secrets hidden.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import tomli_w

from aisbench.base.errors import AisbenchError, ConfigError
from aisbench.base.raised import never_ended
from aisbench.config.source import (
    Override,
    Source,
    override,
    read_source,
    set_key,
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
from aisbench.runs.apart import apart, in_running_loop
from aisbench.runs.callbacks import CallbackDisplay, OnMessage, OnProgress
from aisbench.runs.execute import execute
from aisbench.runs.interrupts import Interrupts
from aisbench.runs.judging import judge_again
from aisbench.runs.logs import RunLog
from aisbench.runs.opening import LATEST, open_suite
from aisbench.runs.result import RunResult
from aisbench.runs.session import Host
from aisbench.runs.stages_of import Last
from aisbench.runs.stored import read_run
from aisbench.settings.keys import dotted
from aisbench.store.run import open_run

T = TypeVar("T")

AnyPath = str | os.PathLike[str]
SuiteLike = AnyPath | Mapping[str, Any]
"""The path of a suite.toml, or a suite as a mapping of the tables that the file would hold."""

_one_at_a_time = threading.Lock()


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
    :param plugins: Python files that are plugins without a package, besides those that the suite
        names.
    :param stop_after: "answers" or "judgements": see :func:`judge`; there are no scores then.
    :param on_message: called with each line that the command line would print.
    :param on_progress: called every second with how far each task or load is, and once when it is
        over. Both are called in the thread in which the run is made. What one of them raises
        stops the run as Ctrl-C does, and is then raised here.

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
        changes = _overrides(overrides)
        if output is not None:
            place = str(Path(output).absolute())
            changes.append(Override(path=("suite", "output"), value=place, origin="output="))
        source = _limited(_opened(suite, resume, changes), limit)
        source = with_plugin_files(source, _paths(plugins), "plugins=")
        return _executed(source, _resumed(resume), disable_plugins, display, stop_after)

    return _alone(work, display)


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
                _path(run), _overrides(overrides), disable_plugins, _paths(plugins)
            )
            return judge_again(stored, stop_after, _host(display, log))

    return _alone(work, display)


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
        changes = _overrides(overrides)
        notes = [f"evaluated with {dotted(one.path)}={_toml(one.value)}" for one in changes]
        with RunLog(display.say):
            stored = open_stored(_path(run), changes, disable_plugins, _paths(plugins))
            return score_again(stored, notes, display, _resume_words)

    return _alone(work, display)


def report(
    run: RunResult | AnyPath,
    *,
    percentiles: Sequence[float] | None = None,
    window: float | None = None,
    slo: Mapping[str, float] | None = None,
    itl: ItlInterval | None = None,
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
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package, besides those that the suite
        names.
    :param on_message: called with each line that the command line would print.

    What is None stays as the load was run with. Raises AisbenchError, also for such a value of a
    run that measured no performance.
    """
    display = CallbackDisplay(on_message, None, Interrupts())

    def work() -> RunResult:
        changes = report_changes(percentiles=percentiles, window=window, slo=slo, itl=itl)
        with RunLog(display.say):
            stored = open_stored(
                _path(run), disable_plugins=disable_plugins, plugins=_paths(plugins)
            )
            return report_again(stored, changes, display)

    return _alone(work, display)


def load_run(path: AnyPath) -> RunResult:
    """The figures that a run holds, as its last evaluation and report left them.

    Nothing is written, and neither the plugins of the run nor its data and model are needed. A
    run that is still being made can be looked at: what is there of it.

    :param path: the run directory, such as ``outputs/nightly/20261120_153000``.

    Raises AisbenchError when there is no run, DamageError when files of it are missing or are not
    what the run left.
    """
    return read_run(Path(path))


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
        return execute(opened, resume, _host(display, log), stop_after)


def _host(display: CallbackDisplay, log: RunLog) -> Host:
    return Host(
        display=display,
        interrupts=display.interrupts,
        log=log,
        arguments=(),
        resume_words=_resume_words,
    )


def _alone(work: Callable[[], T], display: CallbackDisplay) -> T:
    """Do the work while no other call of this process does any; then all is as it was before.

    Raises what a callback raised, once the work has ended for it.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise AisbenchError(
            "another call of aisbench is at work in this process",
            hint="wait for it, or make this call in a process of its own",
        )
    interrupts = display.interrupts
    try:
        with _as_before(), never_ended():
            if in_running_loop():
                result = apart(work, interrupts, _signals())
            else:
                interrupts.signals = _signals()
                result = work()
    except BaseException as error:
        if display.error is not None and display.error is not error:
            raise display.error from error
        raise
    finally:
        _one_at_a_time.release()
    if display.error is not None:
        raise display.error
    return result


def _signals() -> tuple[signal.Signals, ...]:
    """Ctrl-C, where this thread gets it and the program has no handler of its own for it."""
    if threading.current_thread() is not threading.main_thread():
        return ()
    handler = signal.getsignal(signal.SIGINT)
    # asyncio.run (Python 3.11) has one that cancels the task which waits for us: in vain.
    of_asyncio = getattr(getattr(handler, "func", None), "__module__", "") == "asyncio.runners"
    free = of_asyncio or handler is signal.default_int_handler
    return (signal.SIGINT,) if free else ()


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Runs raise the limit on open files; that is taken back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


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


def _overrides(values: Mapping[str, Any] | None) -> list[Override]:
    return [set_key(key, value) for key, value in (values or {}).items()]


def _toml(value: Any) -> str:
    """The value as it may stand in one line of a suite."""
    if isinstance(value, dict):
        pairs = (f"{dotted((key,))} = {_toml(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return tomli_w.dumps({"v": value}).partition("=")[2].strip()


def _path(run: RunResult | AnyPath) -> Path:
    return run.path if isinstance(run, RunResult) else Path(run)


def _paths(files: Sequence[AnyPath]) -> list[Path]:
    return [Path(one) for one in files]


def _resumed(resume: AnyPath | None) -> str | Path | None:
    return resume if resume is None or resume == LATEST else Path(resume)


def _resume_words(run: Path) -> str:
    return f"aisbench.run(resume={str(run)!r})"
