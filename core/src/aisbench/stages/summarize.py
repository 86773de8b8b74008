"""Showing results: hands them to the summarizers of the suite."""

from __future__ import annotations

from collections.abc import Sequence

from aisbench.base.errors import PluginError, StoreError
from aisbench.config.plan import Component
from aisbench.contract.summarizers import Summarizer
from aisbench.plugins.targets import named
from aisbench.store.run import RunFolder
from aisbench.types.results import SuiteResult


def summarize(
    results: SuiteResult, run: RunFolder, summarizers: Sequence[Component], width: int
) -> list[str]:
    """Let each summarizer write into the run; the texts for the terminal.

    Raises StoreError; and PluginError for the first summarizer that fails, once the others have
    written theirs.
    """
    texts = []
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
                texts.append(summary.text)
    except OSError as error:
        raise StoreError(
            f"{run.summary}: cannot be written: {error.strerror or error}",
            hint=f"the figures are kept; later: aisbench report {run.path}",
        ) from error
    if failures:
        raise failures[0]
    return texts
