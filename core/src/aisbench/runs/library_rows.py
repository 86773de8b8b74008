"""aisbench from Python: what the commands `rerun` and `score` do, as functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.config.source import Override, Source, override, with_plugin_files
from aisbench.plugins.discovery import discover
from aisbench.runs.again import open_stored
from aisbench.runs.callbacks import CallbackDisplay, OnMessage, OnProgress
from aisbench.runs.calls import AnyPath, alone, host_of, overrides_of, path_of, paths_of
from aisbench.runs.execute import execute
from aisbench.runs.interrupts import Interrupts
from aisbench.runs.logs import RunLog
from aisbench.runs.opening import OpenedSuite, open_suite
from aisbench.runs.rerun import RerunWish, chosen_rows, rerun_source
from aisbench.runs.result import RunResult
from aisbench.runs.score import GivenSuite, check_answers, source_of


def rerun(
    run: RunResult | AnyPath,
    *,
    outcomes: Sequence[str] = (),
    odd: Sequence[str] = (),
    models: Sequence[str] = (),
    datasets: Sequence[str] = (),
    parts: Sequence[str] = (),
    ids: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
    output: AnyPath | None = None,
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[AnyPath] = (),
    on_message: OnMessage | None = None,
    on_progress: OnProgress | None = None,
) -> RunResult:
    """Ask some rows of a run again, in a run of its own, whose ``rerun.json`` holds the old
    outcomes beside the new ones.

    ::

        again = aisbench.rerun(result, outcomes=["wrong", "unparsed"])

    :param run: a run directory, or what :func:`run` or :func:`load_run` returned.
    :param outcomes: only answers with one of these outcomes. What is empty matches all.
    :param odd: only odd answers of these kinds; ``"*"``: all that are odd.
    :param models: only those of these models; ``*`` and ``?`` match, as below.
    :param datasets: only rows of these data sets.
    :param parts: only rows of these parts.
    :param ids: only these rows.
    :param overrides: values by dotted key that replace those of the run's suite.
    :param output: the folder in which runs are made; instead of ``suite.output``.
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package.
    :param on_message: called with each line that the command line would print.
    :param on_progress: called every second with how far each task is.

    Raises AisbenchError, also where no answer is meant.
    """
    display = CallbackDisplay(on_message, on_progress, Interrupts())
    wish = RerunWish(
        outcomes=tuple(outcomes),
        odd=tuple(odd),
        models=tuple(models),
        datasets=tuple(datasets),
        parts=tuple(parts),
        ids=tuple(ids),
    )

    def work() -> RunResult:
        stored = open_stored(path_of(run), (), disable_plugins, paths_of(plugins))
        source = rerun_source(stored, chosen_rows(stored, wish), wish)
        source = override(source, [*_output(output), *overrides_of(overrides)])
        return _executed(source, disable_plugins, paths_of(plugins), display)

    return alone(work, display)


def score(
    dataset: str,
    answers: AnyPath,
    *,
    settings: Mapping[str, Any] | None = None,
    model: str = "",
    fields: Mapping[str, str] | None = None,
    allow_unknown: bool = False,
    overrides: Mapping[str, Any] | None = None,
    output: AnyPath | None = None,
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[AnyPath] = (),
    on_message: OnMessage | None = None,
) -> RunResult:
    """Score answers that are in a file, without a model, in a run of its own.

    ::

        result = aisbench.score("gsm8k", "answers.jsonl", settings={"path": "data/gsm8k"})

    :param dataset: the name of a data set, or the TOML file of one.
    :param answers: rows with ``id`` (or ``row``, or ``prompt``) and ``text`` (or ``calls``,
        ``turns``, ``logprobs``); also ``repeat`` and ``model``.
    :param settings: keys of the data set in the suite: ``path``, ``variant``, ``metrics``, ...
    :param model: the name of the model, if rows name none; else whose answers are scored.
    :param fields: columns, or paths in them, of keys that the file calls otherwise.
    :param allow_unknown: leave out answers to rows that the data set does not have.
    :param overrides: values by dotted key, which win over all others.
    :param output: the folder in which runs are made; instead of ``outputs``.
    :param disable_plugins: names of installed plugins that are not loaded.
    :param plugins: Python files that are plugins without a package.
    :param on_message: called with each line that the command line would print.

    Rows without an answer count as failed. Raises AisbenchError.
    """
    display = CallbackDisplay(on_message, None, Interrupts())
    given = GivenSuite(dataset=dataset, answers=Path(answers), fields=fields or {}, model=model)

    def say(opened: OpenedSuite) -> None:
        for sentence in check_answers(opened, allow_unknown=allow_unknown):
            display.say(sentence)

    def work() -> RunResult:
        changes = [*_output(output), *overrides_of(overrides)]
        source = source_of(given, settings or {}, changes)
        return _executed(source, disable_plugins, paths_of(plugins), display, say)

    return alone(work, display)


def _output(output: AnyPath | None) -> list[Override]:
    if output is None:
        return []
    place = str(Path(output).absolute())
    return [Override(path=("suite", "output"), value=place, origin="output=")]


def _executed(
    source: Source,
    disable_plugins: Sequence[str],
    plugins: Sequence[Path],
    display: CallbackDisplay,
    before: Callable[[OpenedSuite], None] | None = None,
) -> RunResult:
    source = with_plugin_files(source, plugins, "plugins=")
    catalog = discover([*disable_plugins, *source.disabled_plugins])
    with RunLog(display.say) as log:
        opened = open_suite(source, catalog)
        if before is not None:
            before(opened)
        display.interrupts.check()
        return execute(opened, None, host_of(display, log))
