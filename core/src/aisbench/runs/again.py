"""Working on what a run stored: scoring its answers again, and measuring its loads anew."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import attrs
from attrs import frozen

from aisbench.base.errors import AisbenchError
from aisbench.config.load_keys import PrefixCacheKeys
from aisbench.config.named_files import files_of
from aisbench.config.plan import Plan
from aisbench.config.planner import make_plan
from aisbench.config.secrets import redactor_of
from aisbench.config.source import Override, read_source, with_plugin_files
from aisbench.plugins.discovery import discover
from aisbench.runs.changes import check_changes
from aisbench.runs.display import RunDisplay
from aisbench.runs.finish import score_stored
from aisbench.runs.guard import clean_errors
from aisbench.runs.observers import Observers
from aisbench.runs.observing import told_end
from aisbench.runs.result import RunResult, result_of
from aisbench.settings.slo import slo_problems
from aisbench.stages.results import recall
from aisbench.stages.summarize import summarize
from aisbench.store.environment import (
    checksums,
    plugin_file_changes,
    read_sessions,
    record_complete,
    recorded_backends,
)
from aisbench.store.locking import locked
from aisbench.store.run import RunFolder, open_run

ItlInterval = Literal["event", "read", "token"]
"""What an inter-token latency is measured between; see ``load.itl``."""
ITL = get_args(ItlInterval)


@frozen(kw_only=True)
class StoredRun:
    """A run directory with its suite, checked."""

    run: RunFolder
    plan: Plan

    @contextlib.contextmanager
    def held(self, display: RunDisplay) -> Iterator[None]:
        """Work on the run alone, with its secrets hidden. Raises AisbenchError."""
        redactor = redactor_of(self.plan)
        with display.hiding(redactor), clean_errors(redactor), locked(self.run):
            yield


def open_stored(
    path: Path,
    overrides: Sequence[Override] = (),
    disable_plugins: Sequence[str] = (),
    plugins: Sequence[Path] = (),
) -> StoredRun:
    """A run with the suite that it keeps, some keys of it changed, and with further plugin files
    (``plugins``). Raises AisbenchError."""
    run = open_run(path)
    source = read_source(run.suite, overrides, copies=run.files)
    source = with_plugin_files(source, plugins, "--plugin")
    catalog = discover([*disable_plugins, *source.disabled_plugins])
    plan = make_plan(source, catalog, recorded_backends(run))
    check_changes(plan, overrides)
    return StoredRun(run=run, plan=plan)


def score_again(
    stored: StoredRun,
    notes: Sequence[str],
    display: RunDisplay,
    resume_words: Callable[[Path], str],
) -> RunResult:
    """Score the stored answers; earlier results are set aside. Nothing is sent.

    ``notes`` are for readers of the figures: with what they were made. Raises AisbenchError.
    """
    with stored.held(display):
        changes = _changed_files(stored, display)
        observers = Observers(stored.plan, stored.run, redactor_of(stored.plan))
        observers.begin(len(read_sessions(stored.run)), ("scores",))
        return told_end(
            observers,
            display.say,
            lambda: score_stored(
                stored.plan,
                stored.run,
                display,
                resume_words,
                [*notes, *changes],
                observers=observers,
            ),
        )


def _changed_files(stored: StoredRun, display: RunDisplay) -> list[str]:
    """Sentences on plugin files that are not what they were when the models were asked."""
    own = files_of(stored.plan)
    sums = {name: checksums(files) for name, files in own.items()}
    found = plugin_file_changes(stored.run, sums)
    for one in found:
        display.say(f"changed since the models were asked: {one}")
    return found


def report_again(stored: StoredRun, changes: Mapping[str, Any], display: RunDisplay) -> RunResult:
    """Show the figures again, and measure every load anew from what was recorded.

    ``changes`` are those of :func:`report_changes`. Raises AisbenchError, also where there is no
    load to which they could apply.
    """
    if changes:
        check_has_loads(stored)
    with stored.held(display):
        results = recall(stored.plan, stored.run, changes)
        shown = summarize(results, stored.run, stored.plan.summarizers, display.width)
        for text in shown.texts:
            display.say(text)
        for page in shown.pages:
            display.say(f"report: {page}")
        record_complete(stored.run, complete=results.complete)
        return result_of(stored.plan, stored.run, results)


def check_has_loads(stored: StoredRun) -> None:
    """Raises AisbenchError for a run that measured no performance."""
    if not stored.plan.loads:
        raise AisbenchError(
            f"{stored.run.path}: holds no load to measure",
            hint="--percentiles, --window, --slo, --itl and --as are for performance runs",
        )


def report_changes(
    *,
    percentiles: Sequence[float] | None = None,
    window: float | None = None,
    slo: Mapping[str, float] | None = None,
    itl: ItlInterval | None = None,
    prefix_cache: Mapping[str, int] | None = None,
    prefix: str = "",
) -> dict[str, Any]:
    """What a report changes of the settings that a load was run with; None leaves one as it is.

    Raises AisbenchError for a value that cannot be; ``prefix`` is how the names of keys begin
    there (``--`` on the command line).
    """
    changes: dict[str, Any] = {}
    if percentiles is not None:
        wanted = [float(one) for one in percentiles]
        if not wanted or not all(0 < one < 100 for one in wanted):
            raise AisbenchError(
                f"{prefix}percentiles: {wanted} must be numbers between 0 and 100",
                hint="such as 50, 95 and 99.9",
            )
        changes["percentiles"] = wanted
    if window is not None:
        if window <= 0:
            raise AisbenchError(f"{prefix}window: must be above 0 (seconds)")
        changes["window"] = window
    if itl is not None:
        if itl not in ITL:
            raise AisbenchError(
                f"{prefix}itl: {itl!r} is unknown", hint=f"it is one of {', '.join(ITL)}"
            )
        changes["itl"] = itl
    if prefix_cache is not None:
        changes["prefix_cache"] = _prefix_cache(prefix_cache, prefix)
    if slo is not None:
        for key, message in slo_problems(slo):
            raise AisbenchError(f"{prefix}slo {key}: {message}")
        changes["slo"] = dict(slo)
    return changes


def _prefix_cache(given: Mapping[str, int], prefix: str) -> dict[str, int]:
    name = f"{prefix}prefix-cache" if prefix else "prefix_cache"
    known = [one.name for one in attrs.fields(PrefixCacheKeys)]
    for key, value in given.items():
        if key not in known:
            raise AisbenchError(
                f"{name}: {key!r} is unknown",
                hint=f"it is one of {', '.join(known)}",
            )
        if value < 1:
            raise AisbenchError(f"{name} {key}: must be 1 or more, got {value}")
    return dict(given)
