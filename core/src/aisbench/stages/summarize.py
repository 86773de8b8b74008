"""Showing results: hands them to the summarizers of the suite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import field, frozen

from aisbench.base.errors import PluginError, StoreError
from aisbench.config.plan import Component
from aisbench.contract.summarizers import Summarizer
from aisbench.plugins.targets import named
from aisbench.store.run import RunFolder
from aisbench.types.results import SuiteResult

PAGE = ".html"


@frozen
class Shown:
    """What the summarizers made."""

    texts: list[str] = field(factory=list)
    """For the terminal."""
    pages: list[Path] = field(factory=list)
    """Files that people open in a browser."""


def summarize(
    results: SuiteResult, run: RunFolder, summarizers: Sequence[Component], width: int
) -> Shown:
    """Let each summarizer write into the run.

    Raises StoreError; and PluginError for the first summarizer that fails, once the others have
    written theirs.
    """
    shown = Shown()
    failures: list[PluginError] = []
    try:
        run.summary.mkdir(exist_ok=True)
        for part in summarizers:
            summarizer: Summarizer = part.instance
            try:
                with named(part.listed, "fails"):
                    summary = summarizer.summarize(results, run.summary, width)
            except PluginError as error:
                failures.append(error)
                continue
            if summary.text is not None:
                shown.texts.append(summary.text)
            shown.pages.extend(path for path in summary.files if path.suffix == PAGE)
    except OSError as error:
        raise StoreError(
            f"{run.summary}: cannot be written: {error.strerror or error}",
            hint=f"the figures are kept; later: aisbench report {run.path}",
        ) from error
    if failures:
        raise failures[0]
    return shown
