"""A run shown by any summarizer that is installed, in any folder; and the paths that were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.base.errors import AisbenchError, ConfigError, StoreError
from aisbench.config.resolve import ComponentMaker
from aisbench.config.source import source_of_tables
from aisbench.contract.summarizers import Summarizer, Summary
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover
from aisbench.plugins.targets import named
from aisbench.runs.calls import AnyPath
from aisbench.runs.result import RunResult
from aisbench.runs.stored import read_run
from aisbench.settings.keys import dotted
from aisbench.types.offer import SummarizerOffer
from aisbench.types.results import SuiteResult

WIDTH = 80
"""Columns of text that nobody looks at in a terminal."""


def summarize(
    run: RunResult | AnyPath,
    summarizer: str,
    folder: AnyPath,
    settings: Mapping[str, Any] | None = None,
    *,
    width: int = WIDTH,
    disable_plugins: Sequence[str] = (),
) -> Summary:
    """Show a run by a summarizer, in a folder of your own; nothing is written into the run.

    ::

        aisbench.summarize("outputs/nightly/20261120_153000", "html", "page").files

    :param run: a run directory, or what :func:`run` or :func:`load_run` returned.
    :param summarizer: the name of an installed one, such as "html", "table" or "files".
    :param folder: where it writes; it is made where it is missing.
    :param settings: those that ``[[summarizers]]`` would have in a suite.
    :param width: of text for a terminal, in columns.
    :param disable_plugins: names of installed plugins that are not loaded.

    Returns the files and the text that it made. Raises PluginError where no such summarizer is
    installed or it fails, ConfigError for its settings, DamageError, StoreError.
    """
    result = run if isinstance(run, RunResult) else read_run(Path(run))
    catalog = discover(disable_plugins)
    return shown(result, summarizer, Path(folder), settings or {}, catalog, width)


def shown(
    run: RunResult,
    name: str,
    folder: Path,
    settings: Mapping[str, Any],
    catalog: Catalog,
    width: int,
) -> Summary:
    """What the summarizer called ``name`` makes of a run. Raises AisbenchError."""
    offer, listed = catalog.find(SummarizerOffer, name)
    maker = ComponentMaker(source_of_tables(dict(settings), "settings"), catalog)
    made = maker.component((), f"{listed.dist}/{offer.name}", SummarizerOffer, settings, ())
    if made is None:
        raise ConfigError(
            [
                f"{name}: {dotted(one.path)}: {one.message}"
                + (f"\n  help: {one.hint}" if one.hint else "")
                for one in maker.problems
            ]
        )
    instance: Summarizer = made.instance
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with named(listed, "fails"):
            return instance.summarize(results_of(run), folder, width)
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be written: {error.strerror or error}",
            hint="choose another folder",
        ) from error


def results_of(run: RunResult) -> SuiteResult:
    """What summarizers get of a run."""
    return SuiteResult(
        name=run.name,
        run=run.path,
        complete=run.complete,
        tasks=run.scores,
        performance=run.loads,
        searches=run.searches,
        warnings=run.warnings,
        groups=run.groups,
    )


def page_of(summary: Summary) -> Path:
    """The one page among the files that a summarizer wrote. Raises AisbenchError."""
    pages = [one for one in summary.files if one.suffix == ".html"]
    if len(pages) != 1:
        raise AisbenchError(f"the summarizer wrote {len(pages)} pages, where one was expected")
    return pages[0]
